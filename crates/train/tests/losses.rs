//! The losses against PyTorch's numbers: outputs and gradients of every case, and finite differences.

use std::collections::{BTreeMap, BTreeSet};

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_train::loss::*;
use selvedge_train::{Loss, TrainError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tch::{Kind, Tensor};

/// Runs a loss, made from the options of a case, on tensors.
type Run = fn(&Case, &[Tensor]) -> Tensor;

/// The options of a loss by default.
type Defaults = fn() -> Value;

/// Every loss of `torch.nn` that ours answer to.
const LOSSES: &[(&str, Run, Defaults)] = &[
    ("L1Loss", two::<L1Loss>, defaults::<L1Loss>),
    ("NLLLoss", two::<NllLoss>, defaults::<NllLoss>),
    ("PoissonNLLLoss", two::<PoissonNllLoss>, defaults::<PoissonNllLoss>),
    (
        "GaussianNLLLoss",
        |case, of| three(case, of, GaussianNllLoss::validate, GaussianNllLoss::forward),
        defaults::<GaussianNllLoss>,
    ),
    ("KLDivLoss", two::<KlDivLoss>, defaults::<KlDivLoss>),
    ("MSELoss", two::<MseLoss>, defaults::<MseLoss>),
    ("BCELoss", two::<BceLoss>, defaults::<BceLoss>),
    ("BCEWithLogitsLoss", two::<BceWithLogitsLoss>, defaults::<BceWithLogitsLoss>),
    ("HingeEmbeddingLoss", two::<HingeEmbeddingLoss>, defaults::<HingeEmbeddingLoss>),
    ("MultiLabelMarginLoss", two::<MultiLabelMarginLoss>, defaults::<MultiLabelMarginLoss>),
    ("SmoothL1Loss", two::<SmoothL1Loss>, defaults::<SmoothL1Loss>),
    ("HuberLoss", two::<HuberLoss>, defaults::<HuberLoss>),
    ("SoftMarginLoss", two::<SoftMarginLoss>, defaults::<SoftMarginLoss>),
    ("CrossEntropyLoss", two::<CrossEntropyLoss>, defaults::<CrossEntropyLoss>),
    ("MultiLabelSoftMarginLoss", two::<MultiLabelSoftMarginLoss>, defaults::<MultiLabelSoftMarginLoss>),
    (
        "CosineEmbeddingLoss",
        |case, of| three(case, of, CosineEmbeddingLoss::validate, CosineEmbeddingLoss::forward),
        defaults::<CosineEmbeddingLoss>,
    ),
    (
        "MarginRankingLoss",
        |case, of| three(case, of, MarginRankingLoss::validate, MarginRankingLoss::forward),
        defaults::<MarginRankingLoss>,
    ),
    ("MultiMarginLoss", two::<MultiMarginLoss>, defaults::<MultiMarginLoss>),
    (
        "TripletMarginLoss",
        |case, of| three(case, of, TripletMarginLoss::validate, TripletMarginLoss::forward),
        defaults::<TripletMarginLoss>,
    ),
    ("TripletMarginWithDistanceLoss", triplet_with_distance, triplet_with_distance_defaults),
    ("CTCLoss", ctc, defaults::<CtcLoss>),
];

fn defaults<L: Default + Serialize>() -> Value {
    serde_json::to_value(L::default()).expect("options are JSON")
}

fn triplet_with_distance_defaults() -> Value {
    let TripletMarginWithDistanceLoss { margin, swap, reduction, .. } =
        TripletMarginWithDistanceLoss::default();
    json!({ "margin": margin, "swap": swap, "reduction": reduction })
}

fn two<L: Loss + DeserializeOwned>(case: &Case, of: &[Tensor]) -> Tensor {
    let loss: L = options(case);
    valid(case, loss.validate());
    loss.forward(&of[0], &of[1])
}

fn three<L: DeserializeOwned>(
    case: &Case,
    of: &[Tensor],
    validate: fn(&L) -> Result<(), TrainError>,
    forward: fn(&L, &Tensor, &Tensor, &Tensor) -> Tensor,
) -> Tensor {
    let loss = options(case);
    valid(case, validate(&loss));
    forward(&loss, &of[0], &of[1], &of[2])
}

fn triplet_with_distance(case: &Case, of: &[Tensor]) -> Tensor {
    let default = TripletMarginWithDistanceLoss::default();
    let distance: Distance = match case.options["distance_function"].as_str() {
        Some("l1") => Box::new(|a, b| (a - b).abs().sum_dim_intlist(-1, false, None)),
        Some("cosine") => Box::new(|a, b| 1.0 - Tensor::cosine_similarity(a, b, -1, 1e-8)),
        _ => default.distance,
    };
    let loss = TripletMarginWithDistanceLoss {
        distance,
        margin: case.options["margin"].as_f64().expect("a margin"),
        swap: case.options["swap"].as_bool().expect("whether to swap"),
        reduction: serde_json::from_value(case.options["reduction"].clone()).expect("a reduction"),
    };
    valid(case, loss.validate());
    loss.forward(&of[0], &of[1], &of[2])
}

fn ctc(case: &Case, of: &[Tensor]) -> Tensor {
    let loss: CtcLoss = options(case);
    valid(case, loss.validate());
    let lengths = |tensor: &Tensor| Vec::<i64>::try_from(tensor.flatten(0, -1)).expect("a vector of lengths");
    loss.forward(&of[0], &of[1], &lengths(&of[2]), &lengths(&of[3]))
}

fn valid(case: &Case, result: Result<(), TrainError>) {
    result.unwrap_or_else(|error| panic!("{}: {error}", case.name));
}

fn options<L: DeserializeOwned>(case: &Case) -> L {
    serde_json::from_value(case.options.clone()).unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

fn golden() -> Golden {
    Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/losses.safetensors"))
}

/// Whole and fractional numbers are equal where their values are.
fn plain(options: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_f64().map_or_else(|| value.to_string(), |number| number.to_string());
    options.as_object().expect("options").iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

#[test]
fn options_and_their_defaults_are_pytorchs() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/loss_defaults.safetensors"));
    assert_eq!(golden.cases.len(), LOSSES.len());
    for (unit, _, defaults) in LOSSES {
        let case = golden.cases.iter().find(|case| case.unit == *unit).unwrap();
        assert_eq!(plain(&defaults()), plain(&case.options), "{unit}");
    }
}

fn run(case: &Case, arguments: &[Tensor]) -> Tensor {
    let (_, run, _) = LOSSES
        .iter()
        .find(|(unit, ..)| *unit == case.unit)
        .unwrap_or_else(|| panic!("{}: no loss of ours", case.unit));
    run(case, arguments)
}

/// The losses as one number in which each counts differently, as in the golden script.
fn weighed(output: &Tensor) -> Tensor {
    let weights = Tensor::linspace(0.5, 1.5, output.numel() as i64, (output.kind(), output.device()));
    (output * weights.reshape(output.size())).sum(None::<Kind>)
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
        let relative = case.tolerance(output.kind());
        assert_close(&case.name, &output, &case.tensor("output"), relative);
        weighed(&output).backward();
        for (index, expected) in case.under("gradient.") {
            let found = arguments[index.parse::<usize>().unwrap()].grad();
            assert_close(&format!("{} gradient {index}", case.name), &found, &expected, relative);
        }
    }
}

#[test]
fn every_loss_has_cases_of_both_kinds() {
    let golden = golden();
    let has = |unit: &str, kind| {
        golden.cases.iter().any(|case| case.unit == unit && case.tensor("argument.0").kind() == kind)
    };
    let missing: Vec<_> =
        units().filter(|unit| !has(unit, Kind::Float) || !has(unit, Kind::Double)).collect();
    let (all, found) = (LOSSES.len(), LOSSES.len() - missing.len());
    assert!(missing.is_empty(), "{found} of {all} losses have cases of both kinds; without: {missing:?}");
    assert_eq!(units().collect::<BTreeSet<_>>().len(), 21);
}

#[test]
fn the_page_for_pytorch_users_names_every_loss() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/for-pytorch-users.md");
    let page = std::fs::read_to_string(page).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with("Losses\n")).unwrap();
    let missing: Vec<_> = units().filter(|unit| !section.contains(&format!("\n| `{unit}` | `"))).collect();
    assert!(missing.is_empty(), "docs/for-pytorch-users.md does not name {missing:?}");
}

fn units() -> impl Iterator<Item = &'static str> {
    LOSSES.iter().map(|(unit, ..)| *unit)
}

/// Gradients against central differences, for the small cases whose inputs are not at a kink.
#[test]
fn gradients_are_the_slopes() {
    const STEP: f64 = 1e-6;
    let mut checked = BTreeSet::new();
    for case in &golden().cases {
        let first = case.tensor("argument.0");
        // A mean over nothing but ignored targets is NaN, and has no slope.
        let finite = case.tensor("output").isfinite().all().int64_value(&[]) == 1;
        if case.name.contains("edge") || first.kind() != Kind::Double || first.numel() > 60 || !finite {
            continue;
        }
        checked.insert(case.unit.clone());
        // libtorch's gradient of the CTC loss is that of the logits before the log-softmax, as if it were a
        // part of the loss.
        let value = |arguments: &[Tensor]| {
            let mut arguments: Vec<_> = arguments.iter().map(Tensor::shallow_clone).collect();
            if case.unit == "CTCLoss" {
                arguments[0] = arguments[0].log_softmax(-1, None::<Kind>);
            }
            weighed(&run(case, &arguments))
        };
        let leaves = arguments(case);
        value(&leaves).backward();
        for (index, leaf) in leaves.iter().enumerate().filter(|(_, leaf)| leaf.requires_grad()) {
            let _no_grad = tch::no_grad_guard();
            let gradient = Vec::<f64>::try_from(leaf.grad().flatten(0, -1)).unwrap();
            for (element, gradient) in gradient.iter().enumerate() {
                let moved = |step: f64| {
                    let arguments = arguments(case);
                    let _ = arguments[index].view(-1).get(element as i64).g_add_scalar_(step);
                    value(&arguments).double_value(&[])
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
    let missing: Vec<_> = units().filter(|unit| !checked.contains(*unit)).collect();
    assert!(missing.is_empty(), "no finite differences for {missing:?}");
}
