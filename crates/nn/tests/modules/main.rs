//! Every layer and activation against PyTorch: text, initial weights, outputs and gradients.
//!
//! The golden files give the arguments of PyTorch's constructor; a family's table makes our unit of them. One file has
//! the cases of PyTorch's own tests, the others those of ours.

mod activations;
mod convolutions;
mod differences;
mod layers;
mod norms;
mod pools;
mod run;
mod sequences;
mod unit;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_nn::{Mode, ModuleExt, repr};
use selvedge_torch::libtorch::cpu_capability;
use tch::Kind;

use crate::run::Run;

/// The golden files with cases of ours.
const OURS: [&str; 7] = ["activations", "attention", "convolutions", "layers", "norms", "pools", "sequences"];

/// The golden file with the cases of PyTorch's own tests, its `module_db`.
const PYTORCHS: &str = "module_db";

/// The units that PyTorch's own tests have no cases of.
const OURS_ALONE: [&str; 17] = [
    "AlphaDropout",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
    "Flatten",
    "Hardsigmoid",
    "Identity",
    "ModuleDict",
    "ModuleList",
    "PixelShuffle",
    "PixelUnshuffle",
    "RReLU",
    "Sequential",
    "Unflatten",
    "Upsample",
];

/// PyTorch's names of all units that have to be there.
const LISTED: [&str; 94] = [
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
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "Unflatten",
    "Upsample",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
];

/// Calls `test` with each case.
fn each_case(mut test: impl FnMut(&Case)) {
    // The tensors are too small to share among threads.
    tch::set_num_threads(1);
    for file in OURS.into_iter().chain([PYTORCHS]) {
        golden(file).cases.iter().for_each(&mut test);
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

/// Panics where `wanted` are not all among `found`, and says how many are.
#[track_caller]
// Clippy allows it in the functions that bear `#[test]` only.
#[allow(clippy::print_stdout)]
fn assert_all(what: &str, wanted: &[&str], found: &BTreeSet<String>) {
    let missing: Vec<_> = wanted.iter().filter(|name| !found.contains(**name)).collect();
    let there = wanted.len() - missing.len();
    println!("{there} of {} units have {what}", wanted.len());
    assert!(missing.is_empty(), "{there} of {} units have {what}; without: {missing:?}", wanted.len());
}

#[test]
fn every_listed_unit_has_cases_of_ours_and_of_pytorchs() {
    let units = |file: &str| golden(file).cases.into_iter().map(|case| case.unit);
    assert_all("cases of ours", &LISTED, &OURS.into_iter().flat_map(units).collect());
    let theirs: Vec<_> = LISTED.into_iter().filter(|name| !OURS_ALONE.contains(name)).collect();
    let found: BTreeSet<_> = units(PYTORCHS).collect();
    assert_all("cases of PyTorch's own", &theirs, &found);
    assert_eq!(found.len(), theirs.len(), "a unit of PyTorch's that is not listed, or listed as ours alone");
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
    each_case(|case| {
        assert_eq!(repr(&unit::build(case)), case.options["text"], "{}", case.name);
    });
}

/// To the bit, but that libtorch rounds products with sums in another way without vector instructions.
#[test]
fn initial_weights_are_pytorchs() {
    let _generator = generator();
    let has_vectors = cpu_capability().unwrap() != "DEFAULT";
    each_case(|case| {
        tch::manual_seed(0);
        let state = unit::build(case).state_dict();
        let expected: Vec<_> = case.under("initial.").collect();
        assert_eq!(state.len(), expected.len(), "{}: number of tensors", case.name);
        for (key, expected) in expected {
            let found = state.get(key).unwrap_or_else(|| panic!("{}: no {key}", case.name));
            if has_vectors {
                assert_eq!(*found, expected, "{}: {key}", case.name);
            } else {
                assert_close(&format!("{}: {key}", case.name), found, &expected, 1e-6);
            }
        }
    });
}

#[test]
fn outputs_and_gradients_are_pytorchs() {
    let _generator = generator();
    each_case(|case| {
        for (kind, name) in [(Kind::Double, "f64"), (Kind::Float, "f32")] {
            let tolerance = case.tolerance(kind);
            for (mode, mode_name) in [(Mode::Train, "train"), (Mode::Eval, "eval")] {
                let mut prefix = format!("{name}.{mode_name}.");
                if case.under(&prefix).next().is_none() {
                    prefix = format!("{name}.train.");
                }
                if case.under(&prefix).next().is_none() {
                    continue;
                }
                let found = Run::of(case, kind, mode).roles;
                let expected: Vec<_> = case.under(&prefix).collect();
                let roles: Vec<_> = expected.iter().map(|(role, _)| *role).collect();
                assert_eq!(found.keys().collect::<Vec<_>>(), roles, "{} {prefix}", case.name);
                for (role, expected) in expected {
                    assert_close(
                        &format!("{} {prefix}{role}", case.name),
                        &found[role],
                        &expected,
                        tolerance,
                    );
                }
            }
        }
    });
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let _generator = generator();
    let mut checked = BTreeSet::new();
    each_case(|case| {
        if case.options["smooth"] == true {
            checked.insert(case.unit.clone());
            differences::check(case, Mode::Train);
            if case.under("f64.eval.").next().is_some() {
                differences::check(case, Mode::Eval);
            }
        }
    });
    assert_all("finite differences", &LISTED, &checked);
}
