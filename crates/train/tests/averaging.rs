//! Averaged models and the update of batch normalisations against PyTorch's numbers.

// Clippy allows it in the functions that bear `#[test]` only.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_nn::{
    BatchNorm1d, BatchNormOptions, Forward, InstanceNorm1d, InstanceNormOptions, Linear, Mode, Module,
    ModuleExt, StateDict,
};
use selvedge_train::{AveragedModel, Averaging, update_bn};
use tch::{Kind, Tensor};

#[test]
fn averages_are_those_of_pytorch() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/averaging.safetensors"));
    let mut covered = BTreeSet::new();
    for case in &golden.cases {
        match case.unit.as_str() {
            "SWA" => check(case, Averaging::Swa),
            "EMA" => check(case, Averaging::Ema { decay: case.options["decay"].as_f64().unwrap() }),
            "update_bn" => check_update_bn(case),
            other => panic!("no unit {other}"),
        }
        covered.insert(case.unit.as_str());
    }
    assert_eq!(covered, BTreeSet::from(["EMA", "SWA", "update_bn"]));
}

/// Compares the values of a state under `prefix` with PyTorch's: the same entries, and each of them.
fn assert_state(case: &Case, prefix: &str, update: Option<i64>, found: &StateDict) {
    let paths: BTreeSet<&str> = found.iter().map(|(path, _)| path).collect();
    let expected: BTreeSet<&str> = case.under(prefix).map(|(path, _)| path).collect();
    assert_eq!(paths, expected, "{}", case.name);
    for (path, expected) in case.under(prefix) {
        let expected = update.map_or_else(|| expected.shallow_clone(), |update| expected.get(update));
        let relative = if expected.kind() == Kind::Double { 1e-12 } else { 1e-5 };
        let what = format!("{} {update:?} {path}", case.name);
        assert_close(&what, found.get(path).unwrap(), &expected, relative);
    }
}

fn kind(case: &Case) -> Kind {
    if case.name.ends_with("f64") { Kind::Double } else { Kind::Float }
}

fn batch_norm(kind: Kind) -> BatchNorm1d {
    let layer = BatchNorm1d::new(3);
    layer.to_kind(kind);
    layer
}

/// The state of a case before an update.
fn value(case: &Case, update: i64) -> StateDict {
    case.under("value.").map(|(path, values)| (path.to_owned(), values.get(update))).collect()
}

fn check(case: &Case, averaging: Averaging) {
    let model = batch_norm(kind(case));
    let start = || {
        let averaged = AveragedModel::new(batch_norm(kind(case)), &model, averaging).unwrap();
        AveragedModel { use_buffers: case.options["use_buffers"] == true, ..averaged }
    };
    let mut averaged = start();
    for update in 0..case.tensor("after.n_averaged").size()[0] {
        model.load_state_dict(&value(case, update)).unwrap();
        averaged.update_parameters(&model);
        assert_state(case, "after.", Some(update), &averaged.state_dict());
        // As a training that was stopped and goes on.
        let restored = start();
        restored.load_state_dict(&averaged.state_dict()).unwrap();
        averaged = restored;
    }
}

/// What the golden script has: a layer that runs once in a pass, and one without momentum that runs twice.
#[derive(Debug, Module)]
struct TwoNorms {
    first: BatchNorm1d,
    linear: Linear,
    shared: BatchNorm1d,
}

impl Forward for TwoNorms {
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        let value = self.linear.forward(&self.first.forward(input, mode), mode);
        self.shared.forward(&(self.shared.forward(&value, mode) * 2.0 + 1.0), mode)
    }
}

fn two_norms() -> TwoNorms {
    let norm = |momentum| {
        BatchNorm1d::with(3, BatchNormOptions { momentum: Some(momentum), ..Default::default() }).unwrap()
    };
    TwoNorms { first: norm(0.3), linear: Linear::new(3, 3), shared: norm(0.0) }
}

fn check_update_bn(case: &Case) {
    let model = two_norms();
    model.to_kind(kind(case));
    let state: StateDict = case.under("state.").map(|(path, value)| (path.to_owned(), value)).collect();
    model.load_state_dict(&state).unwrap();
    let batches = || case.under("batch.").map(|(_, batch)| batch);
    // Statistics of other batches, which have to go.
    update_bn(&model, batches().map(|batch| batch * 5.0));
    update_bn(&model, batches());
    assert_state(case, "after.", None, &model.state_dict());
    let running = model.first.running_mean.as_ref().unwrap();
    let before = running.copy();
    let _ = model.forward(&(batches().next().unwrap() + 100.0), Mode::Train);
    assert!((running - before - 30.0).abs().max().double_value(&[]) < 1.0, "the momentum is back");
}

#[test]
fn only_batch_normalisations_are_updated() {
    let options = InstanceNormOptions { track_running_stats: true, ..Default::default() };
    let instance = InstanceNorm1d::with(2, options).unwrap();
    let _ = instance.running_mean.as_ref().unwrap().shallow_clone().fill_(7.0);
    update_bn(&instance, [Tensor::ones([1, 2, 3], (Kind::Float, tch::Device::Cpu))]);
    assert_eq!(instance.running_mean.unwrap().double_value(&[0]), 7.0);
}

#[test]
fn an_average_of_ones_own() {
    let model = batch_norm(Kind::Float);
    let averaged = AveragedModel::new(batch_norm(Kind::Float), &model, Averaging::Swa).unwrap();
    let largest = |averages: &[Tensor], currents: &[Tensor], count: i64| {
        assert_eq!((averages.len(), currents.len(), count), (2, 2, 1));
        for (average, current) in averages.iter().zip(currents) {
            average.shallow_clone().copy_(&average.maximum(current));
        }
    };
    averaged.update_with(&model, |_, _, _| panic!("the first model is copied"));
    let _no_grad = tch::no_grad_guard();
    let _ = model.bias.as_ref().unwrap().shallow_clone().fill_(2.0);
    let _ = model.weight.as_ref().unwrap().shallow_clone().fill_(-2.0);
    averaged.update_with(&model, largest);
    let first = |tensor: &Option<Tensor>| tensor.as_ref().unwrap().double_value(&[0]);
    assert_eq!((first(&averaged.module.bias), first(&averaged.module.weight)), (2.0, 1.0));
    assert_eq!(averaged.n_averaged.int64_value(&[]), 2);
}

#[test]
fn a_decay_out_of_its_domain() {
    for decay in [1.5, -0.1, f64::NAN] {
        let error =
            AveragedModel::new(batch_norm(Kind::Float), &batch_norm(Kind::Float), Averaging::Ema { decay })
                .unwrap_err();
        let expected = format!("AveragedModel: decay is {decay:?}, expected a number in [0, 1]");
        assert_eq!(error.to_string(), expected);
    }
    for json in [r#""mean""#, r#"{"ema": {"decay": 0.9, "rate": 1}}"#, r#"{"ema": {}}"#] {
        assert!(serde_json::from_str::<Averaging>(json).is_err(), "{json}");
    }
}

#[test]
fn models_that_differ() {
    let error = AveragedModel::new(BatchNorm1d::new(2), &BatchNorm1d::new(3), Averaging::Swa).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with("the state dict does not fit AveragedModel: "), "{message}");
    assert!(message.contains("weight"), "{message}");
}
