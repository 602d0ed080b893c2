//! State dicts of optimizers in files: PyTorch's and ours.

// Clippy allows it in the functions that bear `#[test]` only.
#![allow(clippy::unwrap_used)]

use selvedge_golden::{Case, Golden};
use selvedge_nn::StateDict;
use selvedge_train::optim::{
    Adam, Lbfgs, LbfgsOptimizer, Optimizer, OptimizerStateDict, StateValue, UpdateRule,
};
use tch::{Kind, Tensor};

/// Written by `torch.save` after ten steps of Adam with two groups.
const PYTORCH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/adam.pt");

/// The same run.
fn case() -> Case {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/optimizers.safetensors");
    let adam = |case: &Case| case.name.starts_with("Adam/float32/") && !case.options["second"].is_null();
    Golden::read(path).cases.into_iter().find(adam).unwrap()
}

fn optimizer<R: UpdateRule>(case: &Case) -> Optimizer<R> {
    let parameter = |index: usize| {
        let after = case.tensor(&format!("after.{index}"));
        after.get(9).copy().set_requires_grad(true)
    };
    let mut optimizer = Optimizer::new(vec![parameter(0)], R::default()).unwrap();
    optimizer.add_group(vec![parameter(1), parameter(2)], R::default()).unwrap();
    optimizer
}

#[track_caller]
fn same(found: &OptimizerStateDict, expected: &OptimizerStateDict) {
    assert_eq!(found.param_groups, expected.param_groups);
    let text = |dict: &OptimizerStateDict| format!("{:?}", dict.state);
    assert_eq!(text(found), text(expected));
    for (index, entries) in &expected.state {
        for ((name, found), (_, expected)) in found.state[index].iter().zip(entries) {
            if let (StateValue::Tensor(found), StateValue::Tensor(expected)) = (found, expected) {
                assert_eq!(found, expected, "{index} {name}");
            }
        }
    }
}

#[test]
fn a_file_is_what_its_first_bytes_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("optimizer.pt");
    let legacy = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
    let others: [(&[u8], &str); 2] = [
        (legacy, "found a file of torch.save in the format from before PyTorch 1.6"),
        (b"\x02\0\0\0\0\0\0\0{}", "found a safetensors file"),
    ];
    for (bytes, expected) in others {
        std::fs::write(&path, bytes).unwrap();
        let error = OptimizerStateDict::load(&path).unwrap_err().to_string();
        assert!(error.contains("optimizer.pt") && error.contains(expected), "{error}");
    }
}

#[test]
fn a_file_of_pytorch_is_loaded() {
    let case = case();
    let mut optimizer = optimizer::<Adam>(&case);
    optimizer.load_state_dict(&OptimizerStateDict::load(PYTORCH).unwrap()).unwrap();
    let [first, second] = optimizer.groups() else { panic!("two groups") };
    assert_eq!(first.rule, Adam::default());
    assert_eq!(second.rule, Adam { lr: 0.02, weight_decay: 0.1, ..Adam::default() });
    let state = second.states()[1].as_ref().unwrap();
    assert_eq!(state.exp_avg, case.tensor("state.2.exp_avg"));
    assert_eq!(state.exp_avg_sq, case.tensor("state.2.exp_avg_sq"));
}

#[test]
fn a_file_of_ours_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("optimizer.pt");
    let mut optimizer = optimizer::<Adam>(&case());
    optimizer.load_state_dict(&OptimizerStateDict::load(PYTORCH).unwrap()).unwrap();
    let dict = optimizer.state_dict();
    dict.save(&path).unwrap();
    same(&OptimizerStateDict::load(&path).unwrap(), &dict);
}

#[test]
fn parts_come_together_again() {
    let weight = Tensor::from_slice(&[1.0f64, -2.0]).set_requires_grad(true);
    let mut optimizer = LbfgsOptimizer::new(vec![weight.shallow_clone()], Lbfgs::default()).unwrap();
    let _ = optimizer.step_with(|| {
        let loss = weight.square().sum(Kind::Double) + weight.cos().sum(Kind::Double);
        loss.backward();
        loss
    });
    let dict = optimizer.state_dict();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("optimizer.safetensors");
    let (tensors, rest) = optimizer.state_dict().into_parts();
    tensors.save(&path).unwrap();
    let rest = serde_json::from_str(&rest.to_string()).unwrap();
    same(&OptimizerStateDict::from_parts(&StateDict::load(&path).unwrap(), &rest).unwrap(), &dict);
}

#[test]
fn what_is_no_state_dict() {
    use selvedge_torch::Value;
    let error = |value: &Value| OptimizerStateDict::from_python(value).unwrap_err().to_string();
    assert_eq!(
        error(&Value::dict([("model", Value::None)])),
        "the state dict does not fit an optimizer: it is no dict with \"state\" and \"param_groups\""
    );
    let state = Value::Dict(vec![(Value::Text("weight".to_owned()), Value::None)]);
    assert_eq!(
        error(&Value::dict([("state", state), ("param_groups", Value::List(Vec::new()))])),
        "the state dict does not fit an optimizer: a key of state is no index of a parameter"
    );
    let (_, rest) = optimizer::<Adam>(&case()).state_dict().into_parts();
    let mut rest = rest;
    rest["state"]["0"] = serde_json::json!({ "exp_avg": "0.exp_avg" });
    assert_eq!(
        OptimizerStateDict::from_parts(&StateDict::new(), &rest).unwrap_err().to_string(),
        "the state dict does not fit an optimizer: the tensor \"0.exp_avg\" is missing"
    );
    let missing = OptimizerStateDict::load("/nowhere/optimizer.pt").unwrap_err().to_string();
    assert!(missing.contains("/nowhere/optimizer.pt"), "{missing}");
}
