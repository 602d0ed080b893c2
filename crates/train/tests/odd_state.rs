//! A checkpoint whose files are whole and whose numbers are odd is refused or trained on, and nothing panics.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use selvedge_data::{ImageBytes, Loader, LoaderOptions, Shape};
use selvedge_nn::{Flatten, Linear, LinearOptions, ModuleExt, Sequential};
use selvedge_train::checkpoint::{CheckpointError, CheckpointOptions, Checkpointer, Snapshot};
use selvedge_train::lr_scheduler::{AnyScheduler, MultiStepLr, OneCycleLr, ReduceLrOnPlateau, StepLr};
use selvedge_train::optim::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Asgd, Lbfgs, LbfgsOptimizer, LineSearch, Muon, NAdam,
    Optimize, Optimizer, RAdam, RmsProp, Rprop, Sgd, UpdateRule,
};
use selvedge_train::trainer::{FitOptions, Observers, Training, fit};
use selvedge_train::{CrossEntropyLoss, GradScaler};
use serde_json::{Value, json};
use tempfile::TempDir;

fn loader() -> Loader {
    let images = ImageBytes::new(Shape::new(1, 1, 4), (0..64).collect(), [0, 1].repeat(8), vec![]).unwrap();
    Loader::new(images, LoaderOptions { batch_size: 4, ..LoaderOptions::default() }).unwrap()
}

fn network() -> Sequential {
    Sequential::new().then(Flatten::default()).then(Linear::with(4, 2, LinearOptions { bias: false }))
}

type Build = fn(&Sequential) -> Box<dyn Optimize>;
type Plan = fn(&mut dyn Optimize) -> AnyScheduler;

fn of<R: UpdateRule + 'static>(model: &Sequential, rule: R) -> Box<dyn Optimize> {
    Box::new(Optimizer::new(model.named_parameters(), rule).unwrap())
}

fn builds() -> Vec<Build> {
    vec![
        |model| of(model, Adadelta::default()),
        |model| of(model, Adafactor::default()),
        |model| of(model, Adagrad::default()),
        |model| of(model, Adam { amsgrad: true, ..Adam::default() }),
        |model| of(model, AdamW::default()),
        |model| of(model, Adamax::default()),
        |model| of(model, Asgd::default()),
        |model| of(model, Muon::default()),
        |model| of(model, NAdam::default()),
        |model| of(model, RAdam::default()),
        |model| of(model, RmsProp { momentum: 0.9, centered: true, ..RmsProp::default() }),
        |model| of(model, Rprop::default()),
        |model| of(model, Sgd { momentum: 0.9, ..Sgd::default() }),
        |model| {
            let rule = Lbfgs { line_search_fn: Some(LineSearch::StrongWolfe), ..Lbfgs::default() };
            Box::new(LbfgsOptimizer::new(model.named_parameters(), rule).unwrap())
        },
    ]
}

fn plans() -> Vec<Plan> {
    vec![
        |groups| AnyScheduler::new(groups, Box::new(StepLr::new(2))).unwrap(),
        |groups| AnyScheduler::new(groups, Box::new(MultiStepLr::new(vec![2, 3]))).unwrap(),
        |groups| AnyScheduler::new(groups, Box::new(OneCycleLr::new(0.1, 9))).unwrap(),
        |groups| AnyScheduler::plateau(groups, ReduceLrOnPlateau::default()).unwrap(),
    ]
}

const OPTIONS: fn() -> FitOptions = || FitOptions { epochs: 2, measures: 2.into(), ..FitOptions::default() };

/// Trains a little, and gives the checkpoint of it.
fn written(build: Build, plan: Plan, folder: &Path) -> Snapshot {
    let (model, train, loss) = (network(), loader(), CrossEntropyLoss::default());
    let mut optimizer = build(&model);
    let scheduler = plan(&mut *optimizer);
    let mut training = Training::new(&model, &loss, &mut *optimizer, &train);
    (training.scheduler, training.scaler) = (Some(scheduler), Some(GradScaler::default()));
    training.validation = Some(&train);
    let mut checkpointer = Checkpointer::new(folder, CheckpointOptions::default(), json!({})).unwrap();
    let options = FitOptions { max_steps: Some(3), ..OPTIONS() };
    fit::<CheckpointError>(&mut training, &options, &mut Observers(vec![])).unwrap();
    checkpointer.close(&training).unwrap();
    Snapshot::read(&folder.join("step-00000003")).unwrap()
}

/// Goes on from the checkpoint with another state.
fn resumed(build: Build, plan: Plan, snapshot: &mut Snapshot, state: &Value) -> Result<(), String> {
    snapshot.state = serde_json::from_value(state.clone()).map_err(|error| error.to_string())?;
    let (model, train, loss) = (network(), loader(), CrossEntropyLoss::default());
    let mut optimizer = build(&model);
    let scheduler = plan(&mut *optimizer);
    let mut training = Training::new(&model, &loss, &mut *optimizer, &train);
    training.scheduler = Some(scheduler);
    training.validation = Some(&train);
    snapshot.restore(&mut training).map_err(|error| error.to_string())?;
    let options = FitOptions { max_steps: Some(training.step().saturating_add(2)), ..OPTIONS() };
    fit::<CheckpointError>(&mut training, &options, &mut Observers(vec![]))
        .map_err(|error| error.to_string())?;
    Ok(())
}

/// The places of all values, those of lists and objects among them.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut inner = |key: String, value: &Value| {
        let at = format!("{at}/{key}");
        places(value, &at, found);
        found.push(at);
    };
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| inner(key.clone(), value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| inner(index.to_string(), item))
        }
        _ => {}
    }
}

fn odd() -> Vec<Value> {
    vec![
        json!(null),
        json!(0),
        json!(-1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e308),
        json!(-1e308),
        json!(1e-320),
        json!(0.5),
        json!(true),
        json!(false),
        json!("0.exp_avg"),
        json!("0.step"),
        json!([]),
        json!([1, 2, 3]),
        json!({}),
    ]
}

/// Tries each odd value at each place below `part`, and names those that panic.
fn panics(build: Build, plan: Plan, parts: &[&str]) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let mut snapshot = written(build, plan, folder.path());
    let state = serde_json::to_value(&snapshot.state).unwrap();
    let mut found = Vec::new();
    places(&state, "", &mut found);
    found.retain(|place| parts.iter().any(|part| place.starts_with(part)));
    assert!(!found.is_empty());
    let mut panicked = Vec::new();
    for place in found {
        for value in odd() {
            let mut state = state.clone();
            *state.pointer_mut(&place).unwrap() = value.clone();
            let tried = AssertUnwindSafe(|| resumed(build, plan, &mut snapshot, &state));
            if panic::catch_unwind(tried).is_err() {
                panicked.push(format!("{}: {place} = {value}", snapshot.state.optimizer_name));
            }
        }
    }
    panicked
}

/// One test, since all draw from libtorch's generator.
#[test]
fn an_odd_state_never_panics() {
    tch::set_num_threads(1);
    let mut panicked = Vec::new();
    for build in builds() {
        panicked.extend(panics(build, plans()[0], &["/optimizer"]));
    }
    let sgd: Build = |model| of(model, Sgd::default());
    for plan in plans() {
        panicked.extend(panics(sgd, plan, &["/schedule", "/position", "/scaler", "/threads"]));
    }
    assert!(panicked.is_empty(), "{} panics:\n{}", panicked.len(), panicked.join("\n"));
}
