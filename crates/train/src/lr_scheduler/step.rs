use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::pytorch::int;
use super::{At, Groups, Progress, Rate};
use crate::TrainError;
use crate::domain::Domain;

/// Multiplies the learning rate by `gamma` every `step_size` epochs: `torch.optim.lr_scheduler.StepLR`.
///
/// See [`Scheduler`](super::Scheduler) for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepLr {
    /// The number of epochs between two changes, from 1 on.
    pub step_size: u64,
    /// The factor. Default: 0.1.
    #[serde(default = "tenth")]
    pub gamma: f64,
}

pub(super) fn tenth() -> f64 {
    0.1
}

impl StepLr {
    /// PyTorch's defaults for the rest.
    #[must_use]
    pub fn new(step_size: u64) -> Self {
        Self { step_size, gamma: tenth() }
    }
}

impl Rate for StepLr {
    const NAME: &'static str = "StepLR";

    fn prepare(&self, _: &mut dyn Groups) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.require(self.step_size > 0, "step_size", "a number from 1 on", self.step_size)?;
        domain.finite("gamma", self.gamma)
    }

    fn python_options(&self, _: &Progress) -> Vec<(&'static str, Python)> {
        vec![("step_size", int(self.step_size)), ("gamma", Python::Float(self.gamma))]
    }

    fn lr(&self, at: &At) -> f64 {
        if at.epoch > 0 && at.epoch.is_multiple_of(self.step_size) { at.lr * self.gamma } else { at.lr }
    }

    fn restarted_lr(&self, at: &At) -> f64 {
        at.base_lr
    }
}
