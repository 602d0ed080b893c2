use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::scheduler::check_finite;
use super::{Groups, PlateauScheduler, PlateauState, ReduceLrOnPlateau, Schedule, Scheduler, SchedulerState};
use crate::TrainError;

/// A scheduler of whatever kind, for code that is the same for all: of a [`Schedule`], or of a
/// [`ReduceLrOnPlateau`], which looks at a metric.
///
/// ```
/// use selvedge_train::lr_scheduler::{AnyScheduler, ReduceLrOnPlateau, StepLr};
/// use selvedge_train::optim::{Optimizer, Sgd};
///
/// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 1.0, ..Sgd::default() })?;
/// let mut scheduler = AnyScheduler::new(&mut optimizer, Box::new(StepLr::new(1)))?;
/// scheduler.step(None, &mut optimizer);
/// assert_eq!(scheduler.last_lr(), [0.1]);
/// let saved = scheduler.state_dict();
///
/// let rule = ReduceLrOnPlateau { patience: 0, ..ReduceLrOnPlateau::default() };
/// let mut plateau = AnyScheduler::plateau(&mut optimizer, rule)?;
/// plateau.step(Some(0.7), &mut optimizer);
/// assert!(plateau.load_state_dict(&saved).is_err());
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug)]
pub enum AnyScheduler {
    /// Of a schedule.
    Schedule(Scheduler<Box<dyn Schedule>>),
    /// Of a metric.
    Plateau(PlateauScheduler),
}

/// Both states in one form, for a file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Schedule(SchedulerState),
    Plateau(PlateauState),
}

impl AnyScheduler {
    /// A scheduler that has given the rates of epoch 0.
    ///
    /// # Errors
    ///
    /// As for [`Scheduler::new`].
    pub fn new(optimizer: &mut dyn Groups, schedule: Box<dyn Schedule>) -> Result<Self, TrainError> {
        Ok(Self::Schedule(Scheduler::new(optimizer, schedule)?))
    }

    /// A scheduler that has seen no metric.
    ///
    /// # Errors
    ///
    /// As for [`PlateauScheduler::new`].
    pub fn plateau(optimizer: &mut dyn Groups, rule: ReduceLrOnPlateau) -> Result<Self, TrainError> {
        Ok(Self::Plateau(PlateauScheduler::new(optimizer, rule)?))
    }

    /// PyTorch's name of the schedule.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Schedule(scheduler) => scheduler.schedule().name(),
            Self::Plateau(_) => ReduceLrOnPlateau::NAME,
        }
    }

    /// Gives the rates of the next epoch, or batch. Only a plateau looks at the metric, and without one it waits.
    ///
    /// # Panics
    ///
    /// As [`Scheduler::step`].
    #[track_caller]
    pub fn step(&mut self, metric: Option<f64>, optimizer: &mut dyn Groups) {
        match (self, metric) {
            (Self::Schedule(scheduler), _) => scheduler.step(optimizer),
            (Self::Plateau(scheduler), Some(metric)) => scheduler.step(metric, optimizer),
            (Self::Plateau(_), None) => {}
        }
    }

    /// Refuses the rates of the last step where they are not finite, as those of a factor above 1 are in the end.
    ///
    /// # Errors
    ///
    /// With the group and its learning rate.
    pub fn check(&self) -> Result<(), TrainError> {
        let step = match self {
            Self::Schedule(scheduler) => scheduler.last_epoch(),
            Self::Plateau(scheduler) => scheduler.state_dict().last_epoch,
        };
        check_finite(self.name(), self.last_lr(), step)
    }

    /// How often it can step in all, where it ends, as [`OneCycleLr`](super::OneCycleLr) does.
    #[must_use]
    pub fn end(&self) -> Option<u64> {
        match self {
            Self::Schedule(scheduler) => scheduler.schedule().end(),
            Self::Plateau(_) => None,
        }
    }

    /// How often it has stepped.
    pub(crate) fn last_epoch(&self) -> u64 {
        match self {
            Self::Schedule(scheduler) => scheduler.last_epoch(),
            Self::Plateau(scheduler) => scheduler.state_dict().last_epoch,
        }
    }

    /// The learning rates of the groups after the last step.
    #[must_use]
    pub fn last_lr(&self) -> &[f64] {
        match self {
            Self::Schedule(scheduler) => scheduler.last_lr(),
            Self::Plateau(scheduler) => scheduler.last_lr(),
        }
    }

    /// What to save beside the optimizer's state dict. The options are not in it.
    #[must_use]
    pub fn state_dict(&self) -> Value {
        let state = match self {
            Self::Schedule(scheduler) => State::Schedule(scheduler.state_dict().clone()),
            Self::Plateau(scheduler) => State::Plateau(scheduler.state_dict().clone()),
        };
        match serde_json::to_value(state) {
            Ok(state) => state,
            Err(error) => unreachable!("numbers and names are JSON: {error}"),
        }
    }

    /// Goes on from where another run was. The learning rates themselves come with the optimizer's state dict,
    /// which is to be loaded after the scheduler was made.
    ///
    /// # Errors
    ///
    /// When the state is of another schedule or of other groups.
    pub fn load_state_dict(&mut self, state: &Value) -> Result<(), TrainError> {
        let refuse = |unit, difference: String| Err::<(), _>(TrainError::StateDict { unit, difference });
        match (self, State::deserialize(state)) {
            (Self::Schedule(scheduler), Ok(State::Schedule(state))) => scheduler.load_state_dict(&state),
            (Self::Plateau(scheduler), Ok(State::Plateau(state))) => scheduler.load_state_dict(&state),
            (this, Ok(State::Plateau(_))) => {
                refuse(this.name(), format!("it is of {}", ReduceLrOnPlateau::NAME))
            }
            (this, Ok(State::Schedule(state))) => refuse(this.name(), format!("it is of {}", state.schedule)),
            (this, Err(error)) => refuse(this.name(), error.to_string()),
        }
    }
}
