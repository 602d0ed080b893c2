//! State dicts of PyTorch's schedulers, to and from ours.

use selvedge_torch::Value as Python;

use super::{
    AnyScheduler, PlateauMode, PlateauScheduler, Progress, ReduceLrOnPlateau, Schedule, Scheduler,
    ThresholdMode,
};
use crate::TrainError;

impl<S: Schedule> Scheduler<S> {
    /// The state as PyTorch's `scheduler.state_dict()` has it, for `scheduler.load_state_dict`; functions are not in it,
    /// nor are the milestones of `MultiStepLR`, which PyTorch keeps in a class of its own.
    ///
    /// ```
    /// use selvedge_torch::pickle;
    /// use selvedge_train::lr_scheduler::{Scheduler, StepLr};
    /// use selvedge_train::optim::{Optimizer, Sgd};
    ///
    /// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
    /// let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 1.0, ..Sgd::default() })?;
    /// let mut scheduler = Scheduler::new(&mut optimizer, StepLr::new(2))?;
    /// scheduler.step(&mut optimizer);
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("scheduler.pt");
    /// pickle::save(&path, &scheduler.to_python())?;
    /// let mut other = Scheduler::new(&mut optimizer, StepLr::new(2))?;
    /// other.load_python(&pickle::load(&path)?)?;
    /// assert_eq!(other.last_epoch(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_python(&self) -> Python {
        self.schedule().to_python(&self.state_dict().progress, self.last_lr())
    }

    /// Resumes from a state dict of PyTorch. The learning rates come with the optimizer's state dict.
    ///
    /// # Errors
    ///
    /// When it is of another schedule, of other options, or of other groups; nothing was changed then. PyTorch takes
    /// the options over.
    pub fn load_python(&mut self, dict: &Python) -> Result<(), TrainError> {
        let unit = self.schedule().name();
        let refuse = |difference| TrainError::StateDict { unit, difference };
        let mut state = self.state_dict().clone();
        state.progress = self.schedule().read_python(dict, &state.progress).map_err(refuse)?;
        state.last_lr = numbers(dict, "_last_lr", state.last_lr.len()).map_err(refuse)?;
        self.load_state_dict(&state)
    }
}

impl PlateauScheduler {
    /// As [`Scheduler::to_python`].
    #[must_use]
    pub fn to_python(&self) -> Python {
        let (rule, state) = (self.rule(), self.state_dict());
        let worst = rule.worst();
        let entries = [
            ("last_epoch", int(state.last_epoch)),
            ("_last_lr", floats(&state.last_lr)),
            ("best", Python::Float(state.best.unwrap_or(worst))),
            ("cooldown_counter", int(state.cooldown_counter)),
            ("num_bad_epochs", int(state.num_bad_epochs)),
            ("mode_worse", Python::Float(worst)),
        ];
        Python::dict(entries.into_iter().chain(plateau_options(rule, state.last_lr.len())))
    }

    /// As [`Scheduler::load_python`].
    ///
    /// # Errors
    ///
    /// As [`Scheduler::load_python`].
    pub fn load_python(&mut self, dict: &Python) -> Result<(), TrainError> {
        let refuse = |difference| TrainError::StateDict { unit: ReduceLrOnPlateau::NAME, difference };
        let mut state = self.state_dict().clone();
        check_options(dict, &plateau_options(self.rule(), state.last_lr.len())).map_err(refuse)?;
        state.last_epoch = count(dict, "last_epoch").map_err(refuse)?;
        state.cooldown_counter = count(dict, "cooldown_counter").map_err(refuse)?;
        state.num_bad_epochs = count(dict, "num_bad_epochs").map_err(refuse)?;
        state.last_lr = numbers(dict, "_last_lr", state.last_lr.len()).map_err(refuse)?;
        let best = dict.get("best").and_then(Python::as_float);
        let best = best.ok_or_else(|| refuse("\"best\" is no number".to_owned()))?;
        state.best = (best != self.rule().worst()).then_some(best);
        self.load_state_dict(&state)
    }
}

impl AnyScheduler {
    /// As [`Scheduler::to_python`].
    #[must_use]
    pub fn to_python(&self) -> Python {
        match self {
            Self::Schedule(scheduler) => scheduler.to_python(),
            Self::Plateau(scheduler) => scheduler.to_python(),
        }
    }

    /// As [`Scheduler::load_python`].
    ///
    /// # Errors
    ///
    /// As [`Scheduler::load_python`].
    pub fn load_python(&mut self, dict: &Python) -> Result<(), TrainError> {
        match self {
            Self::Schedule(scheduler) => scheduler.load_python(dict),
            Self::Plateau(scheduler) => scheduler.load_python(dict),
        }
    }
}

fn plateau_options(rule: &ReduceLrOnPlateau, groups: usize) -> Vec<(&'static str, Python)> {
    let mode = if rule.mode == PlateauMode::Min { "min" } else { "max" };
    let threshold_mode = if rule.threshold_mode == ThresholdMode::Rel { "rel" } else { "abs" };
    vec![
        ("mode", Python::Text(mode.to_owned())),
        ("factor", Python::Float(rule.factor)),
        ("patience", int(rule.patience)),
        ("threshold", Python::Float(rule.threshold)),
        ("threshold_mode", Python::Text(threshold_mode.to_owned())),
        ("cooldown", int(rule.cooldown)),
        ("min_lrs", rule.min_lr.to_python(groups)),
        ("eps", Python::Float(rule.eps)),
    ]
}

/// The state of one schedule: how far it has come, and its options.
pub(super) fn write(progress: &Progress, last_lr: &[f64], options: Vec<(&'static str, Python)>) -> Python {
    let entries = [
        ("base_lrs", floats(&progress.base_lrs)),
        ("last_epoch", int(progress.last_epoch)),
        ("_step_count", int(progress.step_count)),
        ("_is_initial", Python::Bool(false)),
        ("_get_lr_called_within_step", Python::Bool(false)),
        ("_last_lr", floats(last_lr)),
    ];
    Python::dict(entries.into_iter().chain(options))
}

/// How far a schedule of as many groups as `like` has come.
pub(super) fn read(
    dict: &Python,
    like: &Progress,
    options: impl Fn(&Progress) -> Vec<(&'static str, Python)>,
) -> Result<Progress, String> {
    let progress = Progress {
        last_epoch: count(dict, "last_epoch")?,
        step_count: count(dict, "_step_count")?,
        base_lrs: numbers(dict, "base_lrs", like.base_lrs.len())?,
        parts: Vec::new(),
    };
    check_options(dict, &options(&progress))?;
    Ok(progress)
}

/// The state of a schedule of schedules.
pub(super) fn write_parts(
    schedules: &[Box<dyn Schedule>],
    progress: &Progress,
    last_lr: &[f64],
    own: Vec<(&'static str, Python)>,
) -> Python {
    let parts =
        schedules.iter().zip(&progress.parts).map(|(schedule, part)| schedule.to_python(part, last_lr));
    let parts = Python::List(parts.collect());
    Python::dict(own.into_iter().chain([("_last_lr", floats(last_lr)), ("_schedulers", parts)]))
}

pub(super) fn read_parts(
    schedules: &[Box<dyn Schedule>],
    dict: &Python,
    like: &Progress,
) -> Result<Vec<Progress>, String> {
    let parts = dict.get("_schedulers").and_then(Python::as_items);
    let parts = parts.ok_or("it has no list \"_schedulers\"; is it of another schedule?")?;
    if parts.len() != schedules.len() {
        return Err(format!("it is of {} schedules, expected {}", parts.len(), schedules.len()));
    }
    let mut progresses = Vec::with_capacity(parts.len());
    for (index, ((schedule, part), like)) in schedules.iter().zip(parts).zip(&like.parts).enumerate() {
        let found = schedule.read_python(part, like);
        progresses.push(found.map_err(|reason| format!("schedule {index}, {}: {reason}", schedule.name()))?);
    }
    Ok(progresses)
}

/// Each option has to be there and the same.
pub(super) fn check_options(dict: &Python, options: &[(&'static str, Python)]) -> Result<(), String> {
    for (name, expected) in options {
        let Some(found) = dict.get(name) else {
            return Err(format!("it has no {name:?}; is it of another schedule?"));
        };
        if !same(found, expected) {
            return Err(format!("its {name:?} is {}, expected {}", text(found), text(expected)));
        }
    }
    Ok(())
}

fn same(found: &Python, expected: &Python) -> bool {
    if let (Some(found), Some(expected)) = (found.as_items(), expected.as_items()) {
        let mut pairs = found.iter().zip(expected);
        return found.len() == expected.len() && pairs.all(|(found, expected)| same(found, expected));
    }
    if let (Some(found), Some(expected)) = (found.as_dict(), expected.as_dict()) {
        let mut pairs = found.iter().zip(expected);
        let equal = |((key, value), (name, expected)): (&(Python, Python), &(Python, Python))| {
            same(key, name) && same(value, expected)
        };
        return found.len() == expected.len() && pairs.all(equal);
    }
    match (found, expected) {
        (Python::None, Python::None) => true,
        (Python::Bool(found), Python::Bool(expected)) => found == expected,
        (Python::Text(found), Python::Text(expected)) => found == expected,
        // An int where PyTorch was given one.
        _ => found.as_float().is_some() && found.as_float() == expected.as_float(),
    }
}

/// As Python prints it.
fn text(value: &Python) -> String {
    match value {
        Python::None => "None".to_owned(),
        Python::Bool(true) => "True".to_owned(),
        Python::Bool(false) => "False".to_owned(),
        Python::Int(number) => number.to_string(),
        Python::Float(number) => format!("{number:?}"),
        Python::Text(text) => format!("{text:?}"),
        Python::List(items) | Python::Tuple(items) => {
            format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(", "))
        }
        Python::Dict(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", text(key), text(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        _ => "no plain value".to_owned(),
    }
}

/// A count. Parts of a `SequentialLR` that have not begun are at epoch -1.
pub(super) fn count(dict: &Python, name: &str) -> Result<u64, String> {
    let found = dict.get(name).and_then(Python::as_int);
    let found = found.ok_or_else(|| format!("{name:?} is no int, or missing"))?;
    Ok(u64::try_from(found).unwrap_or(0))
}

fn numbers(dict: &Python, name: &str, expected: usize) -> Result<Vec<f64>, String> {
    let items =
        dict.get(name).and_then(Python::as_items).ok_or_else(|| format!("it has no list {name:?}"))?;
    let one = |item: &Python| match item {
        // A learning rate can be one.
        Python::Tensor(tensor) if tensor.numel() == 1 => Some(tensor.double_value(&vec![0; tensor.dim()])),
        other => other.as_float(),
    };
    let found: Option<Vec<f64>> = items.iter().map(one).collect();
    let found = found.ok_or_else(|| format!("{name:?} holds what is no number"))?;
    if found.len() != expected {
        return Err(format!("it is of {} groups, expected {expected}", found.len()));
    }
    Ok(found)
}

pub(super) fn floats(values: &[f64]) -> Python {
    Python::List(values.iter().copied().map(Python::Float).collect())
}

pub(super) fn int(value: u64) -> Python {
    Python::Int(value.try_into().unwrap_or(i64::MAX))
}
