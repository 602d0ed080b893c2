//! Ten steps of each optimizer against PyTorch's numbers.

// Clippy allows it in the functions that bear `#[test]` only.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_train::optim::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Asgd, Lbfgs, LbfgsOptimizer, Muon, NAdam, Optimizer,
    OptimizerStateDict, RAdam, RmsProp, Rprop, Sgd, SparseAdam, StateValue, UpdateRule,
};
use serde_json::{Map, Value};
use tch::Tensor;

const STEPS: i64 = 10;

/// Runs a case on its inputs.
type Run = fn(&Case, &Case);

/// All of `torch.optim`.
const OPTIMIZERS: [(&str, Run); 15] = [
    ("Adadelta", check::<Adadelta>),
    ("Adafactor", check::<Adafactor>),
    ("Adagrad", check::<Adagrad>),
    ("Adam", check::<Adam>),
    ("AdamW", check::<AdamW>),
    ("Adamax", check::<Adamax>),
    ("ASGD", check::<Asgd>),
    ("LBFGS", check_lbfgs),
    ("Muon", check::<Muon>),
    ("NAdam", check::<NAdam>),
    ("RAdam", check::<RAdam>),
    ("RMSprop", check::<RmsProp>),
    ("Rprop", check::<Rprop>),
    ("SGD", check::<Sgd>),
    ("SparseAdam", check::<SparseAdam>),
];

#[test]
fn ten_steps_are_those_of_pytorch() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/optimizers.safetensors"));
    let mut covered = BTreeSet::new();
    for case in golden.cases.iter().filter(|case| case.unit != "inputs") {
        let name = case.options["inputs"].as_str().unwrap();
        let inputs = golden.cases.iter().find(|inputs| inputs.name == name).unwrap();
        let run = OPTIMIZERS.iter().find(|(unit, _)| *unit == case.unit);
        let (unit, run) = run.unwrap_or_else(|| panic!("no optimizer for {}", case.name));
        run(case, inputs);
        covered.insert(*unit);
    }
    let all = OPTIMIZERS.map(|(unit, _)| unit);
    assert_eq!(covered, BTreeSet::from(all), "{} of {} optimizers have cases", covered.len(), all.len());
}

fn check<R: UpdateRule>(case: &Case, inputs: &Case) {
    let parameters = parameters(inputs);
    let mut optimizer = optimizer::<R>(case, &parameters);
    let mut after: Vec<Vec<Tensor>> = parameters.iter().map(|_| Vec::new()).collect();
    for step in 0..STEPS {
        optimizer.zero_grad();
        for (index, parameter) in parameters.iter().enumerate() {
            set_gradient(case, inputs, index, parameter, step);
        }
        optimizer.step();
        for (after, parameter) in after.iter_mut().zip(&parameters) {
            after.push(parameter.detach().copy());
        }
    }
    for (index, after) in after.iter().enumerate() {
        let role = format!("after.{index}");
        close(case, &role, &Tensor::stack(after, 0));
    }
    check_state(case, &optimizer.state_dict());

    // A second optimizer goes on from the state dict as the first does.
    let copies: Vec<Tensor> =
        parameters.iter().map(|tensor| tensor.detach().copy().set_requires_grad(true)).collect();
    let mut resumed = optimizer_of_default::<R>(case, &copies);
    resumed.load_state_dict(&optimizer.state_dict()).unwrap();
    for (optimizer, parameters) in [(&mut optimizer, &parameters), (&mut resumed, &copies)] {
        optimizer.zero_grad();
        for (index, parameter) in parameters.iter().enumerate() {
            set_gradient(case, inputs, index, parameter, 2);
        }
        optimizer.step();
    }
    for (parameter, copy) in parameters.iter().zip(&copies) {
        assert_eq!(parameter, copy, "{}: resumed", case.name);
    }
}

/// Ten steps towards a target that moves with each, the function of `tools/golden/optimizers.py`.
fn check_lbfgs(case: &Case, inputs: &Case) {
    let minimize = |optimizer: &mut LbfgsOptimizer, parameters: &[Tensor], step: i64| {
        optimizer.step_with(|| {
            let flat: Vec<Tensor> = parameters.iter().map(|parameter| parameter.flatten(0, -1)).collect();
            let flat = Tensor::cat(&flat, 0);
            let (numel, kind) = (flat.size()[0], flat.kind());
            let weight = Tensor::arange_start(1, numel + 1, (kind, flat.device())) * 0.3;
            let error = &flat - 0.1 * step as f64;
            let loss = (error.square() * weight).sum(kind)
                + error.cos().sum(kind) * 0.5
                + flat.sum(kind).square() * 0.1;
            loss.backward();
            loss
        })
    };
    let parameters = parameters(inputs);
    let handles = |tensors: &[Tensor]| tensors.iter().map(Tensor::shallow_clone).collect::<Vec<_>>();
    let rule: Lbfgs = serde_json::from_value(case.options["options"].clone()).unwrap();
    let mut optimizer = LbfgsOptimizer::new(handles(&parameters), rule).unwrap();
    let mut after: Vec<Vec<Tensor>> = parameters.iter().map(|_| Vec::new()).collect();
    let mut losses = Vec::new();
    for step in 0..STEPS {
        losses.push(minimize(&mut optimizer, &parameters, step).detach());
        for (after, parameter) in after.iter_mut().zip(&parameters) {
            after.push(parameter.detach().copy());
        }
    }
    close(case, "loss", &Tensor::stack(&losses, 0));
    for (index, after) in after.iter().enumerate() {
        close(case, &format!("after.{index}"), &Tensor::stack(after, 0));
    }
    if !case.options["numbers"].is_null() {
        check_state(case, &optimizer.state_dict());
    }
    let copies: Vec<Tensor> =
        parameters.iter().map(|tensor| tensor.detach().copy().set_requires_grad(true)).collect();
    let mut resumed = LbfgsOptimizer::new(handles(&copies), Lbfgs::default()).unwrap();
    resumed.load_state_dict(&optimizer.state_dict()).unwrap();
    let _ = minimize(&mut optimizer, &parameters, 3);
    let _ = minimize(&mut resumed, &copies, 3);
    for (parameter, copy) in parameters.iter().zip(&copies) {
        assert_eq!(parameter, copy, "{}: resumed", case.name);
    }
}

fn parameters(inputs: &Case) -> Vec<Tensor> {
    inputs.under("parameter.").map(|(_, tensor)| tensor.copy().set_requires_grad(true)).collect()
}

/// The optimizer of a case, in one group or two.
fn optimizer<R: UpdateRule>(case: &Case, parameters: &[Tensor]) -> Optimizer<R> {
    let options = |extra: &Value| {
        let mut options = case.options["options"].as_object().unwrap().clone();
        options.extend(extra.as_object().cloned().unwrap_or_default());
        serde_json::from_value::<R>(Value::Object(options)).unwrap()
    };
    grouped(case, parameters, options(&Value::Null), options(&case.options["second"]))
}

/// The same groups with other options, which a state dict then brings.
fn optimizer_of_default<R: UpdateRule>(case: &Case, parameters: &[Tensor]) -> Optimizer<R> {
    grouped(case, parameters, R::default(), R::default())
}

fn grouped<R: UpdateRule>(case: &Case, parameters: &[Tensor], first: R, second: R) -> Optimizer<R> {
    let mut tensors: Vec<Tensor> = parameters.iter().map(Tensor::shallow_clone).collect();
    if case.options["second"].is_null() {
        return Optimizer::new(tensors, first).unwrap();
    }
    let rest = tensors.split_off(1);
    let mut optimizer = Optimizer::new(tensors, first).unwrap();
    optimizer.add_group(rest, second).unwrap();
    optimizer
}

fn set_gradient(case: &Case, inputs: &Case, index: usize, parameter: &Tensor, step: i64) {
    let missing =
        inputs.options["missing"].as_array().unwrap().iter().any(|value| value.as_i64() == Some(step));
    if index == 1 && missing {
        return;
    }
    let gradient = inputs.tensor(&format!("gradient.{index}")).get(step);
    if case.unit == "SparseAdam" {
        let rows = inputs.tensor("rows").get(step);
        let output = Tensor::embedding(parameter, &rows, -1, false, true);
        (output * gradient.narrow(0, 0, rows.size()[0])).sum(gradient.kind()).backward();
    } else {
        (parameter * &gradient).sum(gradient.kind()).backward();
    }
}

fn tolerance(case: &Case) -> f64 {
    case.tolerance(case.tensor("after.0").kind())
}

#[track_caller]
fn close(case: &Case, role: &str, found: &Tensor) {
    let what = format!("{} {} {role}", case.name, case.options["options"]);
    assert_close(&what, found, &case.tensor(role), tolerance(case));
}

/// Every entry that PyTorch has, and no other.
fn check_state(case: &Case, found: &OptimizerStateDict) {
    let mut expected: BTreeSet<String> = case.under("state.").map(|(role, _)| role.to_owned()).collect();
    expected.extend(
        case.options["numbers"].as_object().unwrap().keys().map(|key| key["state.".len()..].to_owned()),
    );
    let mut seen = BTreeSet::new();
    for (index, entries) in &found.state {
        for (name, value) in entries {
            let role = format!("state.{index}.{name}");
            match value {
                StateValue::Tensor(tensor) => close(case, &role, tensor),
                StateValue::List(values) => {
                    let tensors: Vec<&Tensor> = values
                        .iter()
                        .filter_map(|value| match value {
                            StateValue::Tensor(tensor) => Some(tensor),
                            _ => None,
                        })
                        .collect();
                    close(case, &role, &Tensor::stack(&tensors, 0));
                }
                StateValue::Int(value) => assert_number(case, &role, *value as f64),
                StateValue::Float(value) => assert_number(case, &role, *value),
                StateValue::None => continue,
            }
            seen.insert(format!("{index}.{name}"));
        }
    }
    assert_eq!(seen, expected, "{}: the entries of the state", case.name);
    let groups = case.options["param_groups"].as_array().unwrap();
    assert_eq!(found.param_groups.len(), groups.len(), "{}: groups", case.name);
    for (found, expected) in found.param_groups.iter().zip(groups) {
        let mut described = found.options.clone();
        described.insert("params".to_owned(), serde_json::json!(found.params));
        assert_options(case, &described, expected.as_object().unwrap());
    }
}

fn assert_number(case: &Case, role: &str, found: f64) {
    let expected = case.options["numbers"][role].as_f64().unwrap();
    let error = (found - expected).abs();
    assert!(
        error <= tolerance(case) * expected.abs(),
        "{} {role}: {found}, PyTorch has {expected}",
        case.name
    );
}

fn assert_options(case: &Case, found: &Map<String, Value>, expected: &Map<String, Value>) {
    let keys = |map: &Map<String, Value>| map.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(found), keys(expected), "{}: the keys of a group", case.name);
    for (key, value) in found {
        assert_eq!(numbers(value), numbers(&expected[key]), "{}: {key}", case.name);
    }
}

/// The value with whole numbers as floats: Python's `0` is our `0.0`.
fn numbers(value: &Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(values) => values.iter().map(numbers).collect(),
        other => other.clone(),
    }
}
