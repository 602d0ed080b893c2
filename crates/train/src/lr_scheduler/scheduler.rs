use serde::{Deserialize, Serialize};

use super::{Groups, Progress, Schedule};
use crate::TrainError;

/// Drives a [`Schedule`]: changes the learning rates of an optimizer with each step.
///
/// PyTorch: `torch.optim.lr_scheduler.LRScheduler`. Differs from PyTorch: the scheduler does not hold the
/// optimizer, which is passed to each step.
///
/// ```
/// use selvedge_nn::{Linear, ModuleExt};
/// use selvedge_train::lr_scheduler::{Scheduler, StepLr};
/// use selvedge_train::optim::{Optimizer, Sgd};
///
/// let model = Linear::new(2, 1);
/// let mut optimizer = Optimizer::new(model.parameters(), Sgd { lr: 0.5, ..Sgd::default() })?;
/// let mut scheduler = Scheduler::new(&mut optimizer, StepLr::new(2))?;
/// let mut rates = Vec::new();
/// for _ in 0..4 {
///     rates.push(optimizer.lr());
///     optimizer.step();
///     scheduler.step(&mut optimizer);
/// }
/// assert_eq!(rates, [0.5, 0.5, 0.05, 0.05]);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug)]
pub struct Scheduler<S: Schedule> {
    schedule: S,
    state: SchedulerState,
}

/// What a [`Scheduler`] saves and restores, beside what is in the optimizer's state dict.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchedulerState {
    /// PyTorch's name of the schedule.
    pub schedule: String,
    /// How far it has come.
    pub progress: Progress,
    /// The learning rates that it gave last.
    pub last_lr: Vec<f64>,
}

impl<S: Schedule> Scheduler<S> {
    /// A scheduler that has given the rates of epoch 0.
    ///
    /// # Errors
    ///
    /// When an option is out of its domain or does not fit the groups of the optimizer, or the first rate is not finite.
    pub fn new(optimizer: &mut dyn Groups, schedule: S) -> Result<Self, TrainError> {
        let progress = schedule.start(optimizer)?;
        let mut state =
            SchedulerState { schedule: schedule.name().to_owned(), progress, last_lr: Vec::new() };
        state.last_lr = lrs(optimizer);
        check_finite(schedule.name(), &state.last_lr, 0)?;
        Ok(Self { schedule, state })
    }

    /// Gives the rates of the next epoch, or batch; it comes after the optimizer's step.
    ///
    /// # Panics
    ///
    /// When the schedule is over, where it ends, as [`OneCycleLr`](super::OneCycleLr) does.
    #[track_caller]
    pub fn step(&mut self, optimizer: &mut dyn Groups) {
        self.schedule.advance(&mut self.state.progress, optimizer);
        self.state.last_lr = lrs(optimizer);
    }

    /// The schedule.
    #[must_use]
    pub fn schedule(&self) -> &S {
        &self.schedule
    }

    /// The learning rates of the groups after the last step; PyTorch's `get_last_lr`.
    #[must_use]
    pub fn last_lr(&self) -> &[f64] {
        &self.state.last_lr
    }

    /// The epoch, or batch, that the rates are for, from 0 on.
    #[must_use]
    pub fn last_epoch(&self) -> u64 {
        self.state.progress.last_epoch
    }

    /// What to save beside the optimizer's state dict. The options are not in it.
    #[must_use]
    pub fn state_dict(&self) -> &SchedulerState {
        &self.state
    }

    /// Goes on from where another run was. The learning rates themselves come with the optimizer's state dict,
    /// which is to be loaded after the scheduler was made.
    ///
    /// # Errors
    ///
    /// When the state is of another schedule or of other groups.
    pub fn load_state_dict(&mut self, state: &SchedulerState) -> Result<(), TrainError> {
        let refuse = |difference| Err(TrainError::StateDict { unit: self.schedule.name(), difference });
        if state.schedule != self.state.schedule {
            return refuse(format!("it is of {}", state.schedule));
        }
        if !state.progress.same_shape(&self.state.progress) {
            let count = |progress: &Progress| (progress.base_lrs.len(), progress.parts.len());
            let (found, expected) = (count(&state.progress), count(&self.state.progress));
            return refuse(format!(
                "it has {} groups and {} parts, expected {} and {}, each of the same schedule",
                found.0, found.1, expected.0, expected.1
            ));
        }
        // Beyond 2^53 a float does not count, and the sum with one step more need not exist.
        let most = self.schedule.end().unwrap_or(1 << 53);
        if state.progress.largest() > most.saturating_add(1) {
            return refuse(format!("it is at step {}, expected at most {most}", state.progress.largest()));
        }
        self.state = state.clone();
        Ok(())
    }
}

/// Refuses learning rates that are not finite.
pub(super) fn check_finite(schedule: &'static str, lrs: &[f64], step: u64) -> Result<(), TrainError> {
    match lrs.iter().position(|lr| !lr.is_finite()) {
        Some(group) => Err(TrainError::NonFiniteRate { schedule, group, lr: lrs[group], step }),
        None => Ok(()),
    }
}

pub(super) fn lrs(groups: &dyn Groups) -> Vec<f64> {
    (0..groups.group_count()).map(|group| groups.group_lr(group)).collect()
}
