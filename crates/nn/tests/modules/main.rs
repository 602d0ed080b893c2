//! Every layer and activation against PyTorch: text, initial weights, outputs and gradients.
//!
//! The golden files give the arguments of PyTorch's constructor; a family's table makes our unit of them.

mod activations;
mod convolutions;
mod differences;
mod layers;
mod norms;
mod pools;
mod run;
mod unit;

use std::sync::{Mutex, MutexGuard, PoisonError};

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_nn::{Mode, ModuleExt, repr};
use tch::Kind;

use crate::run::Run;
use crate::unit::Table;

/// The families: the name of the golden file, and the table of its units.
const FAMILIES: [(&str, Table); 5] = [
    ("activations", activations::UNITS),
    ("convolutions", convolutions::UNITS),
    ("layers", layers::UNITS),
    ("norms", norms::UNITS),
    ("pools", pools::UNITS),
];

/// The golden files of other tests, whose units count.
const ELSEWHERE: [&str; 3] = ["attention", "dropout", "sequences"];

/// PyTorch's names of all units that have to be there.
const LISTED: [&str; 92] = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AlphaDropout",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Bilinear",
    "CELU",
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "ELU",
    "Embedding",
    "FeatureAlphaDropout",
    "Flatten",
    "GELU",
    "GLU",
    "GRU",
    "GroupNorm",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Identity",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LSTM",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "Mish",
    "ModuleDict",
    "ModuleList",
    "MultiheadAttention",
    "PReLU",
    "PixelShuffle",
    "PixelUnshuffle",
    "RMSNorm",
    "RNN",
    "RReLU",
    "ReLU",
    "ReLU6",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "SELU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "Unflatten",
    "Upsample",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
];

/// Calls `test` with each case and the family's table.
fn each_case(mut test: impl FnMut(&Case, Table)) {
    // The tensors are too small to share among threads.
    tch::set_num_threads(1);
    for (family, table) in FAMILIES {
        golden(family).cases.iter().for_each(|case| test(case, table));
    }
}

fn golden(name: &str) -> Golden {
    Golden::read(format!("{}/tests/golden/{name}.safetensors", env!("CARGO_MANIFEST_DIR")))
}

/// The one generator of the process belongs to one test at a time.
fn generator() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn every_listed_unit_has_a_case() {
    let mut seen: Vec<String> =
        ELSEWHERE.iter().flat_map(|name| golden(name).cases).map(|case| case.unit).collect();
    each_case(|case, _| seen.push(case.unit.clone()));
    let missing: Vec<_> = LISTED.iter().filter(|name| !seen.iter().any(|seen| seen == *name)).collect();
    let there = LISTED.len() - missing.len();
    println!("{there} of {} units have cases", LISTED.len());
    assert!(missing.is_empty(), "{there} of {} units have cases; without: {missing:?}", LISTED.len());
}

#[test]
fn every_listed_unit_is_in_the_page_for_pytorch_users() {
    let page = include_str!("../../../../docs/for-pytorch-users.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let names: Vec<&str> = rows
        .filter_map(|row| row.split_once(" |"))
        .flat_map(|(names, _)| names.split(", "))
        .map(|name| name.trim_matches('`'))
        .collect();
    let missing: Vec<_> = LISTED.iter().filter(|name| !names.contains(name)).collect();
    assert!(missing.is_empty(), "docs/for-pytorch-users.md has no row for {missing:?}");
}

#[test]
fn texts_are_pytorchs() {
    // To build a unit draws its weights.
    let _generator = generator();
    each_case(|case, table| {
        assert_eq!(repr(&unit::build(case, table)), case.options["text"], "{}", case.name);
    });
}

#[test]
fn initial_weights_are_pytorchs_to_the_bit() {
    let _generator = generator();
    each_case(|case, table| {
        tch::manual_seed(0);
        let state = unit::build(case, table).state_dict();
        let expected: Vec<_> = case.under("initial.").collect();
        assert_eq!(state.len(), expected.len(), "{}: number of tensors", case.name);
        for (key, expected) in expected {
            let found = state.get(key).unwrap_or_else(|| panic!("{}: no {key}", case.name));
            assert_eq!(*found, expected, "{}: {key}", case.name);
        }
    });
}

#[test]
fn outputs_and_gradients_are_pytorchs() {
    let _generator = generator();
    each_case(|case, table| {
        for (kind, name, relative) in [(Kind::Double, "f64", 1e-12), (Kind::Float, "f32", 1e-5)] {
            for (mode, mode_name) in [(Mode::Train, "train"), (Mode::Eval, "eval")] {
                let mut prefix = format!("{name}.{mode_name}.");
                if case.under(&prefix).next().is_none() {
                    prefix = format!("{name}.train.");
                }
                let found = Run::of(case, table, kind, mode).roles;
                let expected: Vec<_> = case.under(&prefix).collect();
                let roles: Vec<_> = expected.iter().map(|(role, _)| *role).collect();
                assert_eq!(found.keys().collect::<Vec<_>>(), roles, "{} {prefix}", case.name);
                for (role, expected) in expected {
                    assert_close(&format!("{} {prefix}{role}", case.name), &found[role], &expected, relative);
                }
            }
        }
    });
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let _generator = generator();
    each_case(|case, table| {
        if case.options["smooth"] == true {
            differences::check(case, table, Mode::Train);
            if case.under("f64.eval.").next().is_some() {
                differences::check(case, table, Mode::Eval);
            }
        }
    });
}
