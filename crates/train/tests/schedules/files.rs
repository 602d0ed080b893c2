//! State dicts of PyTorch's schedulers, after seven steps of each.

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_torch::{Value, pickle};
use selvedge_train::lr_scheduler::Groups;
use selvedge_train::optim::Sgd;
use tch::Tensor;

use super::{Driver, Kind, STEPS, two_groups};

const AFTER: i64 = 7;

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/schedules.safetensors");
    Golden::read(path).cases.into_iter().filter(|case| case.name.ends_with("/SGD")).collect()
}

fn states() -> Value {
    pickle::load(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/schedulers.pt")).unwrap()
}

fn begun(case: &Case) -> Driver<Sgd> {
    Driver::new(case, two_groups(|lr| Sgd { lr, momentum: 0.9, ..Sgd::default() }))
}

impl Driver<Sgd> {
    fn to_python(&self) -> Value {
        match &self.kind {
            Kind::Plain(scheduler) => scheduler.to_python(),
            Kind::Plateau(scheduler) => scheduler.to_python(),
        }
    }

    fn load(&mut self, dict: &Value) -> Result<(), String> {
        let loaded = match &mut self.kind {
            Kind::Plain(scheduler) => scheduler.load_python(dict),
            Kind::Plateau(scheduler) => scheduler.load_python(dict),
        };
        loaded.map_err(|error| error.to_string())
    }

    /// Sets the rates that come with the optimizer's state dict, and goes on to the last step.
    fn finish(&mut self, case: &Case) {
        for group in 0..2 {
            let at = [AFTER, group as i64];
            self.optimizer.set_group_lr(group, case.tensor("lr").double_value(&at));
            self.optimizer.set_group_momentum(group, case.tensor("momentum").double_value(&at));
        }
        let mut seen = Vec::new();
        for step in AFTER..STEPS {
            self.step(case, step);
            seen.extend(self.rates());
        }
        let rest = STEPS - AFTER;
        let column = |of: fn(&(f64, f64)) -> f64| {
            Tensor::from_slice(&seen.iter().map(of).collect::<Vec<_>>()).view([rest, 2])
        };
        for (what, found) in [("lr", column(|rates| rates.0)), ("momentum", column(|rates| rates.1))] {
            let expected = case.tensor(what).narrow(0, AFTER + 1, rest);
            assert_close(&format!("{} {what}", case.name), &found, &expected, 1e-12);
        }
    }
}

#[test]
fn every_state_of_pytorch_is_resumed() {
    let (states, cases) = (states(), cases());
    assert_eq!(states.as_dict().unwrap().len(), cases.len());
    for case in &cases {
        let mut driver = begun(case);
        driver.load(states.get(&case.name).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        driver.finish(case);
    }
}

#[test]
fn every_state_of_ours_is_that_of_pytorch() {
    let folder = tempfile::tempdir().unwrap();
    let states = states();
    for case in cases() {
        let mut driver = begun(&case);
        (0..AFTER).for_each(|step| driver.step(&case, step));
        let path = folder.path().join("scheduler.pt");
        pickle::save(&path, &driver.to_python()).unwrap();
        let ours = pickle::load(&path).unwrap();
        same(&case.name, &ours, states.get(&case.name).unwrap());
        let mut resumed = begun(&case);
        resumed.load(&ours).unwrap();
        resumed.finish(&case);
    }
}

/// Each of our entries is PyTorch's, to rounding. Parts of a schedule that do not run keep other learning rates there, and
/// those that have not begun are at epoch -1.
fn same(what: &str, ours: &Value, theirs: &Value) {
    const OF_THE_RUNNING_PART: [&str; 5] = ["_last_lr", "last_epoch", "_step_count", "T_cur", "T_i"];
    match (ours, theirs) {
        (Value::Dict(entries), Value::Dict(_)) => {
            for (name, ours) in entries {
                let name = name.as_text().unwrap();
                if what.contains("_schedulers") && OF_THE_RUNNING_PART.contains(&name) {
                    continue;
                }
                // PyTorch's warm restarts have a step of their own that does not count.
                if what.starts_with("CosineAnnealingWarmRestarts") && name == "_step_count" {
                    continue;
                }
                let what = format!("{what} {name}");
                let theirs = theirs.get(name).unwrap_or_else(|| panic!("{what} is not there"));
                same(&what, ours, theirs);
            }
        }
        (Value::List(ours), Value::List(theirs)) => {
            assert_eq!(ours.len(), theirs.len(), "{what}");
            ours.iter().zip(theirs).for_each(|(ours, theirs)| same(what, ours, theirs));
        }
        (Value::Int(_) | Value::Float(_), _) => {
            let (ours, theirs) = (ours.as_float().unwrap(), theirs.as_float().unwrap());
            let close = ours == theirs || (ours - theirs).abs() <= 1e-12 * theirs.abs().max(1e-3);
            assert!(close, "{what} is {ours}, expected {theirs}");
        }
        _ => assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "{what}"),
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (states, cases) = (states(), cases());
    for case in &cases {
        for other in cases.iter().filter(|other| other.unit != case.unit) {
            let mut driver = begun(case);
            let before = format!("{:?}", driver.to_python());
            if driver.load(states.get(&other.name).unwrap()).is_err() {
                assert_eq!(format!("{:?}", driver.to_python()), before, "{} of {}", case.name, other.name);
            }
        }
    }
    let step = cases.iter().find(|case| case.name == "StepLR/0/SGD").unwrap();
    let error = |dict: &Value| begun(step).load(dict).unwrap_err();
    let of = |name: &str| error(states.get(name).unwrap());
    assert_eq!(of("StepLR/1/SGD"), "the state dict does not fit StepLR: its \"step_size\" is 7, expected 3");
    assert_eq!(
        of("LinearLR/0/SGD"),
        "the state dict does not fit StepLR: it has no \"step_size\"; is it of another schedule?"
    );
    assert_eq!(
        of("SequentialLR/0/SGD"),
        "the state dict does not fit StepLR: \"_step_count\" is no int, or missing"
    );
    assert_eq!(
        error(&Value::None),
        "the state dict does not fit StepLR: \"last_epoch\" is no int, or missing"
    );
}
