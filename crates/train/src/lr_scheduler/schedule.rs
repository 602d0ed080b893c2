use std::fmt::Debug;

use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::{Groups, pytorch};
use crate::TrainError;

/// How the learning rates of an optimizer change with each step of a [`Scheduler`](super::Scheduler).
///
/// Most schedules implement [`Rate`](super::Rate), from which this follows; a schedule of schedules implements it
/// itself.
pub trait Schedule: Debug + Send {
    /// PyTorch's name of the schedule.
    fn name(&self) -> &'static str;

    /// Prepares the groups and takes the first step, which gives the rates of epoch 0, as PyTorch's constructor
    /// does.
    ///
    /// # Errors
    ///
    /// When an option is out of its domain or does not fit the groups.
    fn start(&self, groups: &mut dyn Groups) -> Result<Progress, TrainError>;

    /// Takes the first step again, from the initial learning rates.
    fn begin(&self, progress: &mut Progress, groups: &mut dyn Groups);

    /// Takes a step.
    fn advance(&self, progress: &mut Progress, groups: &mut dyn Groups);

    /// The last epoch, or batch, that it has rates for, where it ends. To step past it panics.
    fn end(&self) -> Option<u64> {
        None
    }

    /// Goes to epoch 0 whatever the learning rates are, when another schedule's time is over.
    fn restart(&self, progress: &mut Progress, groups: &mut dyn Groups);

    /// The state as PyTorch's scheduler has it, with the learning rates that were given last.
    fn to_python(&self, progress: &Progress, last_lr: &[f64]) -> Python {
        pytorch::write(progress, last_lr, Vec::new())
    }

    /// How far it has come, from the state of PyTorch's scheduler, over as many groups as `like`.
    ///
    /// # Errors
    ///
    /// With what is missing, or differs from this schedule.
    fn read_python(&self, dict: &Python, like: &Progress) -> Result<Progress, String> {
        pytorch::read(dict, like, |_| Vec::new())
    }
}

impl Schedule for Box<dyn Schedule> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn start(&self, groups: &mut dyn Groups) -> Result<Progress, TrainError> {
        (**self).start(groups)
    }

    fn begin(&self, progress: &mut Progress, groups: &mut dyn Groups) {
        (**self).begin(progress, groups);
    }

    fn advance(&self, progress: &mut Progress, groups: &mut dyn Groups) {
        (**self).advance(progress, groups);
    }

    fn restart(&self, progress: &mut Progress, groups: &mut dyn Groups) {
        (**self).restart(progress, groups);
    }

    fn end(&self) -> Option<u64> {
        (**self).end()
    }

    fn to_python(&self, progress: &Progress, last_lr: &[f64]) -> Python {
        (**self).to_python(progress, last_lr)
    }

    fn read_python(&self, dict: &Python, like: &Progress) -> Result<Progress, String> {
        (**self).read_python(dict, like)
    }
}

/// How far a schedule has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// The epoch, or batch, that the rates are for.
    pub last_epoch: u64,
    /// How many steps were taken, the first included.
    pub step_count: u64,
    /// The initial learning rate of each group.
    pub base_lrs: Vec<f64>,
    /// The progress of each part of a schedule of schedules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Progress>,
}

impl Progress {
    /// The largest count in it.
    pub(super) fn largest(&self) -> u64 {
        let parts = self.parts.iter().map(Self::largest);
        parts.max().unwrap_or(0).max(self.last_epoch).max(self.step_count)
    }

    /// Whether both are of one kind of schedule over as many groups.
    pub(super) fn same_shape(&self, other: &Self) -> bool {
        self.base_lrs.len() == other.base_lrs.len()
            && self.parts.len() == other.parts.len()
            && self.parts.iter().zip(&other.parts).all(|(part, other)| part.same_shape(other))
    }
}
