//! Fifty steps of each schedule against PyTorch's numbers, and what they refuse.

// Clippy allows it in the functions that bear `#[test]` only.
#![allow(clippy::unwrap_used)]

mod files;
mod pairs;

use std::collections::BTreeSet;

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_train::lr_scheduler::{
    ChainedScheduler, ConstantLr, CosineAnnealingLr, CosineAnnealingWarmRestarts, CyclicLr, ExponentialLr,
    Groups, LambdaLr, LinearLr, MultiStepLr, MultiplicativeLr, OneCycleLr, PlateauScheduler, PolynomialLr,
    Rate, ReduceLrOnPlateau, Schedule, Scheduler, SequentialLr, StepLr, SwaLr,
};
use selvedge_train::optim::{Adam, Optimizer, Sgd, UpdateRule};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tch::Tensor;

const STEPS: i64 = 50;

type Make = fn(&Value) -> Box<dyn Schedule>;

/// The schedules of `torch.optim.lr_scheduler` that give a rate from where they stand, and `SWALR`.
const RATES: [(&str, Make); 13] = [
    ("LambdaLR", |_| {
        let factors: Vec<Box<dyn Fn(u64) -> f64 + Send>> =
            vec![Box::new(|epoch| 0.95_f64.powf(epoch as f64)), Box::new(|epoch| 1.0 / (epoch as f64 + 1.0))];
        Box::new(LambdaLr::each(factors))
    }),
    ("MultiplicativeLR", |_| Box::new(MultiplicativeLr::new(|epoch| 1.0 - 1.0 / (epoch as f64 + 10.0)))),
    ("StepLR", from_options::<StepLr>),
    ("MultiStepLR", from_options::<MultiStepLr>),
    ("ConstantLR", from_options::<ConstantLr>),
    ("LinearLR", from_options::<LinearLr>),
    ("ExponentialLR", from_options::<ExponentialLr>),
    ("CosineAnnealingLR", from_options::<CosineAnnealingLr>),
    ("CyclicLR", from_options::<CyclicLr>),
    ("CosineAnnealingWarmRestarts", from_options::<CosineAnnealingWarmRestarts>),
    ("OneCycleLR", from_options::<OneCycleLr>),
    ("PolynomialLR", from_options::<PolynomialLr>),
    ("SWALR", from_options::<SwaLr>),
];

/// The others, which have their own ways.
const OTHERS: [&str; 3] = ["SequentialLR", "ChainedScheduler", "ReduceLROnPlateau"];

fn from_options<R: Rate + DeserializeOwned + 'static>(options: &Value) -> Box<dyn Schedule> {
    Box::new(serde_json::from_value::<R>(options.clone()).unwrap())
}

fn make(unit: &str, options: &Value) -> Box<dyn Schedule> {
    let (_, make) =
        RATES.iter().find(|(name, _)| *name == unit).unwrap_or_else(|| panic!("no schedule {unit}"));
    make(options)
}

fn schedule(case: &Case) -> Box<dyn Schedule> {
    let parts = || {
        let parts = case.options["parts"].as_array().unwrap();
        parts.iter().map(|part| make(part[0].as_str().unwrap(), &part[1])).collect()
    };
    match case.unit.as_str() {
        "SequentialLR" => {
            let milestones = serde_json::from_value(case.options["milestones"].clone()).unwrap();
            Box::new(SequentialLr { schedules: parts(), milestones })
        }
        "ChainedScheduler" => Box::new(ChainedScheduler { schedules: parts() }),
        unit => make(unit, &case.options["options"]),
    }
}

#[test]
fn fifty_steps_are_those_of_pytorch() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/schedules.safetensors"));
    let mut covered = BTreeSet::new();
    for case in &golden.cases {
        match case.options["optimizer"].as_str().unwrap() {
            "SGD" => check(case, || two_groups(|lr| Sgd { lr, momentum: 0.9, ..Sgd::default() })),
            "Adam" => check(case, || two_groups(|lr| Adam { lr, ..Adam::default() })),
            other => panic!("no optimizer {other}"),
        }
        covered.insert(case.unit.as_str());
    }
    let all: BTreeSet<&str> = RATES.iter().map(|(name, _)| *name).chain(OTHERS).collect();
    assert_eq!(covered, all, "{} of {} schedules have cases", covered.len(), all.len());
}

fn two_groups<R: UpdateRule>(rule: impl Fn(f64) -> R) -> Optimizer<R> {
    let parameter = || vec![Tensor::from(0.0f32).set_requires_grad(true)];
    let mut optimizer = Optimizer::new(parameter(), rule(0.1)).unwrap();
    optimizer.add_group(parameter(), rule(0.5)).unwrap();
    optimizer
}

/// Runs a case, and from its middle on a second time from what was saved there.
fn check<R: UpdateRule>(case: &Case, optimizer: impl Fn() -> Optimizer<R>) {
    let mut driver = Driver::new(case, optimizer());
    let mut seen = vec![driver.rates()];
    let mut resumed: Option<Driver<R>> = None;
    for step in 0..STEPS {
        driver.step(case, step);
        seen.push(driver.rates());
        if let Some(resumed) = &mut resumed {
            resumed.step(case, step);
            assert_eq!(resumed.rates(), driver.rates(), "{}: resumed, step {step}", case.name);
        }
        if step == STEPS / 2 {
            let mut other = Driver::new(case, optimizer());
            other.resume(&driver);
            resumed = Some(other);
        }
    }
    let column = |of: fn(&(f64, f64)) -> f64| {
        let values: Vec<f64> = seen.iter().flatten().map(of).collect();
        Tensor::from_slice(&values).view([STEPS + 1, 2])
    };
    assert_close(&format!("{} lr", case.name), &column(|rates| rates.0), &case.tensor("lr"), 1e-12);
    assert_close(
        &format!("{} momentum", case.name),
        &column(|rates| rates.1),
        &case.tensor("momentum"),
        1e-12,
    );
}

enum Kind {
    Plain(Scheduler<Box<dyn Schedule>>),
    Plateau(PlateauScheduler),
}

struct Driver<R: UpdateRule> {
    optimizer: Optimizer<R>,
    kind: Kind,
}

impl<R: UpdateRule> Driver<R> {
    fn new(case: &Case, mut optimizer: Optimizer<R>) -> Self {
        let kind = if case.unit == "ReduceLROnPlateau" {
            let rule: ReduceLrOnPlateau = serde_json::from_value(case.options["options"].clone()).unwrap();
            Kind::Plateau(PlateauScheduler::new(&mut optimizer, rule).unwrap())
        } else {
            Kind::Plain(Scheduler::new(&mut optimizer, schedule(case)).unwrap())
        };
        Self { optimizer, kind }
    }

    fn step(&mut self, case: &Case, step: i64) {
        match &mut self.kind {
            Kind::Plain(scheduler) => scheduler.step(&mut self.optimizer),
            Kind::Plateau(scheduler) => {
                scheduler.step(case.tensor("metric").double_value(&[step]), &mut self.optimizer);
            }
        }
    }

    /// Through JSON, as a checkpoint does it.
    fn resume(&mut self, other: &Self) {
        self.optimizer.load_state_dict(&other.optimizer.state_dict()).unwrap();
        match (&mut self.kind, &other.kind) {
            (Kind::Plain(ours), Kind::Plain(theirs)) => {
                let saved = serde_json::to_string(theirs.state_dict()).unwrap();
                ours.load_state_dict(&serde_json::from_str(&saved).unwrap()).unwrap();
                assert_eq!(ours.last_lr(), theirs.last_lr());
            }
            (Kind::Plateau(ours), Kind::Plateau(theirs)) => {
                let saved = serde_json::to_string(theirs.state_dict()).unwrap();
                ours.load_state_dict(&serde_json::from_str(&saved).unwrap()).unwrap();
            }
            _ => unreachable!("both are of one case"),
        }
    }

    fn rates(&self) -> [(f64, f64); 2] {
        let rates = |group| (self.optimizer.group_lr(group), self.optimizer.group_momentum(group).unwrap());
        [rates(0), rates(1)]
    }
}

#[track_caller]
fn refused(schedule: impl Schedule, message: &str) {
    let mut optimizer = two_groups(|lr| Sgd { lr, ..Sgd::default() });
    assert_eq!(Scheduler::new(&mut optimizer, schedule).unwrap_err().to_string(), message);
}

#[test]
fn options_out_of_their_domain() {
    refused(StepLr::new(0), "StepLR: step_size is 0, expected a number from 1 on");
    refused(
        ConstantLr { factor: 1.5, ..ConstantLr::default() },
        "ConstantLR: factor is 1.5, expected a number in (0, 1]",
    );
    refused(
        LinearLr { start_factor: 0.0, ..LinearLr::default() },
        "LinearLR: start_factor is 0.0, expected a number in (0, 1]",
    );
    refused(
        LinearLr { end_factor: 1.1, ..LinearLr::default() },
        "LinearLR: end_factor is 1.1, expected a number in [0, 1]",
    );
    refused(
        CosineAnnealingWarmRestarts::new(0),
        "CosineAnnealingWarmRestarts: T_0 is 0, expected a number from 1 on",
    );
    refused(
        OneCycleLr { pct_start: 1.5, ..OneCycleLr::new(0.1, 10) },
        "OneCycleLR: pct_start is 1.5, expected a number in [0, 1]",
    );
    refused(
        OneCycleLr::new([0.1, 0.2, 0.3], 10),
        "OneCycleLR: max_lr is 3 numbers for 2 groups, expected one number, or one for each group of the optimizer",
    );
    refused(
        SequentialLr { schedules: Vec::new(), milestones: Vec::new() },
        "SequentialLR: schedules is 0, expected at least one",
    );
    let schedules: Vec<Box<dyn Schedule>> = vec![Box::new(StepLr::new(1)), Box::new(StepLr::new(1))];
    refused(
        SequentialLr { schedules, milestones: vec![1, 2] },
        "SequentialLR: milestones is [1, 2], expected one fewer than schedules, in order",
    );
    refused(
        ChainedScheduler { schedules: Vec::new() },
        "ChainedScheduler: schedules is 0, expected at least one",
    );
    let mut optimizer = two_groups(|lr| Sgd { lr, ..Sgd::default() });
    let plateau = ReduceLrOnPlateau { factor: 1.0, ..ReduceLrOnPlateau::default() };
    let error = PlateauScheduler::new(&mut optimizer, plateau).unwrap_err().to_string();
    assert_eq!(error, "ReduceLROnPlateau: factor is 1.0, expected a number below 1");
}

#[test]
fn a_momentum_to_cycle_where_there_is_none() {
    let weight = Tensor::from(1.0f32).set_requires_grad(true);
    let rule = selvedge_train::optim::Adagrad::default();
    let mut optimizer = Optimizer::new(vec![weight], rule).unwrap();
    let error = Scheduler::new(&mut optimizer, CyclicLr::new(0.1, 0.2)).unwrap_err().to_string();
    assert_eq!(
        error,
        "CyclicLR: cycle_momentum is true, expected false for an optimizer without momentum or betas"
    );
}

#[test]
#[should_panic(expected = "OneCycleLR: step 4 of 3 steps; raise total_steps")]
fn a_step_after_the_last() {
    let mut optimizer = two_groups(|lr| Sgd { lr, ..Sgd::default() });
    let mut scheduler = Scheduler::new(&mut optimizer, OneCycleLr::new(0.1, 3)).unwrap();
    for _ in 0..4 {
        scheduler.step(&mut optimizer);
    }
}

#[test]
fn the_state_of_another_schedule() {
    let mut optimizer = two_groups(|lr| Sgd { lr, ..Sgd::default() });
    let steps = Scheduler::new(&mut optimizer, StepLr::new(1)).unwrap();
    let mut cosine = Scheduler::new(&mut optimizer, CosineAnnealingLr::new(3)).unwrap();
    assert_eq!(
        cosine.load_state_dict(steps.state_dict()).unwrap_err().to_string(),
        "the state dict does not fit CosineAnnealingLR: it is of StepLR"
    );
    let weight = Tensor::from(1.0f32).set_requires_grad(true);
    let mut single = Optimizer::new(vec![weight], Sgd::default()).unwrap();
    let other = Scheduler::new(&mut single, CosineAnnealingLr::new(3)).unwrap();
    assert_eq!(
        cosine.load_state_dict(other.state_dict()).unwrap_err().to_string(),
        "the state dict does not fit CosineAnnealingLR: it has 1 groups and 0 parts, expected 2 and 0, each of the \
         same schedule"
    );
}

#[test]
fn the_learning_rates_of_pytorch_come_with_the_groups() {
    let mut optimizer = two_groups(|lr| Adam { lr, ..Adam::default() });
    let _scheduler = Scheduler::new(&mut optimizer, OneCycleLr::new(0.5, 10)).unwrap();
    let options = &optimizer.state_dict().param_groups[0].options;
    for (key, value) in [("initial_lr", 0.02), ("max_lr", 0.5), ("min_lr", 2e-6), ("max_momentum", 0.95)] {
        assert_eq!(options[key].as_f64(), Some(value), "{key}");
    }
}
