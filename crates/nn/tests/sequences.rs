//! Embedding, recurrent, attention and resampling layers give PyTorch's numbers, and refuse what has no meaning.

#[path = "sequences/refused.rs"]
mod refused;
#[path = "sequences/unit.rs"]
mod unit;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_nn::Mode;
use tch::{Kind, Tensor};
use unit::{UNITS, Unit, build};

/// Held by each test that draws, since the generator is shared by all threads.
static GENERATOR: Mutex<()> = Mutex::new(());

fn generator() -> MutexGuard<'static, ()> {
    // The tensors are too small to share among threads.
    tch::set_num_threads(1);
    GENERATOR.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn cases() -> Vec<Case> {
    let files = [
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/sequences.safetensors"),
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/attention.safetensors"),
    ];
    files.into_iter().flat_map(|file| Golden::read(file).cases).collect()
}

/// A layer as PyTorch had it: drawn from the same seed, then converted.
fn rebuild(case: &Case) -> Box<dyn Unit> {
    tch::manual_seed(seed(case));
    let unit = build(case);
    for (name, initial) in unit.named_parameters() {
        let expected = case.tensor(&format!("parameter.{name}"));
        assert_eq!(initial, expected, "{}: initial {name}, to the bit", case.name);
    }
    let expected: Vec<_> = case.under("parameter.").map(|(name, _)| name.to_owned()).collect();
    let mut found: Vec<_> = unit.named_parameters().into_iter().map(|(name, _)| name).collect();
    found.sort();
    assert_eq!(found, expected, "{}: the names of the parameters", case.name);
    unit.to_kind(kind(case));
    unit
}

fn run(case: &Case, unit: &dyn Unit, inputs: &[Tensor]) -> Vec<Tensor> {
    let mode = if case.options["train"] == true { Mode::Train } else { Mode::Eval };
    tch::manual_seed(seed(case) + 1);
    unit.run(inputs, mode)
}

fn inputs(case: &Case) -> Vec<Tensor> {
    case.under("input.").map(|(_, input)| input.set_requires_grad(input.is_floating_point())).collect()
}

/// The sum of the outputs, each times what PyTorch was given as its gradient.
fn objective(case: &Case, outputs: &[Tensor]) -> Tensor {
    let weighted = outputs
        .iter()
        .enumerate()
        .map(|(index, output)| (output * case.tensor(&format!("cotangent.{index}"))).sum(output.kind()));
    weighted.reduce(|sum, next| sum + next).expect("an output")
}

fn seed(case: &Case) -> i64 {
    case.options["seed"].as_i64().expect("a seed")
}

fn kind(case: &Case) -> Kind {
    if case.options["kind"] == "float64" { Kind::Double } else { Kind::Float }
}

#[test]
fn initial_parameters_outputs_and_gradients_are_pytorchs() {
    let _generator = generator();
    for case in cases() {
        let name = &case.name;
        let relative = if kind(&case) == Kind::Double { 1e-12 } else { 1e-5 };
        let unit = rebuild(&case);
        assert_eq!(unit.repr(), case.options["repr"].as_str().unwrap(), "{name}");
        let inputs = inputs(&case);
        let outputs = run(&case, &*unit, &inputs);
        assert_eq!(outputs.len(), case.under("output.").count(), "{name}: the number of outputs");
        for (index, output) in outputs.iter().enumerate() {
            let expected = case.tensor(&format!("output.{index}"));
            assert_close(&format!("{name}: output {index}"), output, &expected, relative);
        }
        objective(&case, &outputs).backward();
        for (index, expected) in case.under("gradient.input.") {
            let found = inputs[index.parse::<usize>().unwrap()].grad();
            assert_close(&format!("{name}: gradient of input {index}"), &found, &expected, relative);
        }
        for (path, parameter) in unit.named_parameters() {
            let gradient = parameter.grad();
            let Some(expected) = case.get(&format!("gradient.parameter.{path}")) else {
                assert!(!gradient.defined(), "{name}: {path} has a gradient, in PyTorch it has none");
                continue;
            };
            assert_eq!(gradient.is_sparse(), case.options["options"]["sparse"] == true, "{name}: {path}");
            let gradient = if gradient.is_sparse() { gradient.to_dense(None, false) } else { gradient };
            assert_close(&format!("{name}: gradient of {path}"), &gradient, &expected, relative);
        }
    }
}

#[test]
fn every_unit_has_a_case() {
    let cases = cases();
    let covered: BTreeSet<&str> = cases.iter().map(|case| case.unit.as_str()).collect();
    assert_eq!(covered, BTreeSet::from(UNITS));
}

/// Whether the gradient that PyTorch defines is the derivative of what it computes.
fn differentiable(case: &Case) -> bool {
    let options = &case.options["options"];
    match case.unit.as_str() {
        // The options scale the rows as they are looked up, or the gradients afterwards.
        "Embedding" => *options == serde_json::json!({}),
        // The backward of the nearest pixel rounds other than the forward for some scales, 2.3 among them.
        "Upsample" => options["mode"] != "nearest" || !options["scale_factor"].is_array(),
        _ => true,
    }
}

/// Central differences along one direction for each tensor, in double precision.
#[test]
fn gradients_are_finite_differences() {
    let _generator = generator();
    const STEP: f64 = 1e-6;
    for case in cases() {
        if kind(&case) != Kind::Double || !differentiable(&case) {
            continue;
        }
        let unit = rebuild(&case);
        let inputs = inputs(&case);
        objective(&case, &run(&case, &*unit, &inputs)).backward();
        let parameters = unit.named_parameters();
        let inputs_by_name = inputs.iter().enumerate().map(|(i, input)| (format!("input {i}"), input));
        let tensors = parameters.iter().map(|(name, tensor)| (name.clone(), tensor)).chain(inputs_by_name);
        for (name, tensor) in tensors.filter(|(_, tensor)| tensor.grad().defined()) {
            let direction =
                (Tensor::arange(tensor.numel() as i64, (Kind::Double, tensor.device())) * 1.3).cos();
            let direction = direction.reshape(tensor.size());
            let analytic = (tensor.grad() * &direction).sum(Kind::Double).double_value(&[]);
            let _no_grad = tch::no_grad_guard();
            let moved = |by: f64| {
                let _ = tensor.shallow_clone().g_add_(&(&direction * by));
                objective(&case, &run(&case, &*unit, &inputs)).double_value(&[])
            };
            let (above, below) = (moved(STEP), moved(-2.0 * STEP));
            moved(STEP);
            let numeric = (above - below) / (2.0 * STEP);
            assert!(
                (analytic - numeric).abs() <= 1e-6 * analytic.abs().max(1.0),
                "{}: {name} has the gradient {analytic}, the differences say {numeric}",
                case.name
            );
        }
    }
}
