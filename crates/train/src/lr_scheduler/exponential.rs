use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::{At, Groups, Progress, Rate};
use crate::TrainError;
use crate::domain::Domain;

/// Multiplies the learning rate by `gamma` at every epoch: `torch.optim.lr_scheduler.ExponentialLR`.
///
/// See [`SequentialLr`](super::SequentialLr) for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExponentialLr {
    /// The factor.
    pub gamma: f64,
}

impl ExponentialLr {
    /// With this factor.
    #[must_use]
    pub fn new(gamma: f64) -> Self {
        Self { gamma }
    }
}

impl Rate for ExponentialLr {
    const NAME: &'static str = "ExponentialLR";

    fn prepare(&self, _: &mut dyn Groups) -> Result<(), TrainError> {
        Domain(Self::NAME).finite("gamma", self.gamma)
    }

    fn python_options(&self, _: &Progress) -> Vec<(&'static str, Python)> {
        vec![("gamma", Python::Float(self.gamma))]
    }

    fn lr(&self, at: &At) -> f64 {
        if at.initial { at.lr } else { at.lr * self.gamma }
    }

    fn restarted_lr(&self, at: &At) -> f64 {
        at.base_lr
    }
}
