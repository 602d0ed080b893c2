//! The losses against PyTorch's numbers: outputs and gradients of every case, and finite differences.

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_train::{CrossEntropyLoss, Loss, MseLoss, NllLoss};
use serde::de::DeserializeOwned;
use tch::{Kind, Tensor};

/// Runs a loss, made from the options of a case, on tensors.
type Run = fn(&Case, &[Tensor]) -> Tensor;

const LOSSES: &[(&str, Run)] = &[
    ("NLLLoss", two::<NllLoss>),
    ("MSELoss", two::<MseLoss>),
    ("CrossEntropyLoss", two::<CrossEntropyLoss>),
];

fn two<L: Loss + DeserializeOwned>(case: &Case, arguments: &[Tensor]) -> Tensor {
    let loss: L = options(case);
    loss.validate().unwrap_or_else(|error| panic!("{}: {error}", case.name));
    loss.forward(&arguments[0], &arguments[1])
}

fn options<L: DeserializeOwned>(case: &Case) -> L {
    serde_json::from_value(case.options.clone()).unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

fn golden() -> Golden {
    Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/losses.safetensors"))
}

fn run(case: &Case, arguments: &[Tensor]) -> Tensor {
    let (_, run) = LOSSES
        .iter()
        .find(|(unit, _)| *unit == case.unit)
        .unwrap_or_else(|| panic!("{}: no loss of ours", case.unit));
    run(case, arguments)
}

/// The arguments of a case, those with a gradient as leaves.
fn arguments(case: &Case) -> Vec<Tensor> {
    (0..)
        .map_while(|index| {
            let argument = case.get(&format!("argument.{index}"))?;
            let leaf = case.get(&format!("gradient.{index}")).is_some();
            Some(argument.copy().set_requires_grad(leaf))
        })
        .collect()
}

#[test]
fn outputs_and_gradients_are_pytorchs() {
    for case in &golden().cases {
        let arguments = arguments(case);
        let output = run(case, &arguments);
        let relative = if output.kind() == Kind::Float { 1e-5 } else { 1e-12 };
        assert_close(&case.name, &output, &case.tensor("output"), relative);
        (output * case.tensor("cotangent")).sum(None::<Kind>).backward();
        for (index, expected) in case.under("gradient.") {
            let found = arguments[index.parse::<usize>().unwrap()].grad();
            assert_close(&format!("{} gradient {index}", case.name), &found, &expected, relative);
        }
    }
}

#[test]
fn every_loss_has_cases_of_both_kinds() {
    let golden = golden();
    let kinds = [Kind::Float, Kind::Double];
    let has = |unit: &str, kind| {
        golden.cases.iter().any(|case| case.unit == unit && case.tensor("argument.0").kind() == kind)
    };
    let missing: Vec<_> = LOSSES
        .iter()
        .filter(|(unit, _)| !kinds.iter().all(|&kind| has(unit, kind)))
        .map(|(unit, _)| unit)
        .collect();
    assert!(
        missing.is_empty(),
        "{} of {} losses have cases; not {missing:?}",
        LOSSES.len() - missing.len(),
        LOSSES.len()
    );
}

/// Gradients of the cases of PyTorch's database, whose inputs are random and so not at a kink, against
/// central differences.
#[test]
fn gradients_are_the_slopes() {
    const STEP: f64 = 1e-6;
    let mut checked = std::collections::BTreeSet::new();
    for case in &golden().cases {
        // A mean over nothing but ignored targets is NaN, and has no slope.
        let finite = case.tensor("output").isfinite().all().int64_value(&[]) == 1;
        let small = finite && case.tensor("argument.0").numel() <= 60;
        if case.name.contains("edge") || case.tensor("argument.0").kind() != Kind::Double || !small {
            continue;
        }
        checked.insert(case.unit.clone());
        let cotangent = case.tensor("cotangent");
        let value =
            |arguments: &[Tensor]| (run(case, arguments) * &cotangent).sum(None::<Kind>).double_value(&[]);
        for (index, gradient) in case.under("gradient.") {
            let index: usize = index.parse().unwrap();
            let gradient = Vec::<f64>::try_from(gradient.flatten(0, -1)).unwrap();
            let _no_grad = tch::no_grad_guard();
            for (element, gradient) in gradient.iter().enumerate() {
                let moved = |step: f64| {
                    let arguments: Vec<_> = arguments(case).iter().map(Tensor::detach).collect();
                    let flat = arguments[index].view(-1);
                    let _ = flat.get(element as i64).g_add_scalar_(step);
                    value(&arguments)
                };
                let slope = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
                assert!(
                    (slope - gradient).abs() <= 1e-6 * gradient.abs().max(1.0),
                    "{}: argument {index}, element {element}: gradient {gradient}, slope {slope}",
                    case.name
                );
            }
        }
    }
    let missing: Vec<_> = LOSSES.iter().filter(|(unit, _)| !checked.contains(*unit)).collect();
    assert!(missing.is_empty(), "no finite differences for {:?}", missing.iter().map(|(unit, _)| unit));
}
