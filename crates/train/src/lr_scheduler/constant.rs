use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::pytorch::int;
use super::{At, Groups, Progress, Rate};
use crate::TrainError;
use crate::domain::Domain;

/// Multiplies the learning rate by `factor` until epoch `total_iters`: `torch.optim.lr_scheduler.ConstantLR`.
///
/// Differs from PyTorch: a factor of 0, which it can not undo, is refused.
///
/// See [`ChainedScheduler`](super::ChainedScheduler) for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConstantLr {
    /// The factor, above 0 and up to 1. Default: 1/3.
    pub factor: f64,
    /// The epoch from which the learning rate is whole. Default: 5.
    pub total_iters: u64,
}

impl Default for ConstantLr {
    fn default() -> Self {
        Self { factor: 1.0 / 3.0, total_iters: 5 }
    }
}

impl Rate for ConstantLr {
    const NAME: &'static str = "ConstantLR";

    fn prepare(&self, _: &mut dyn Groups) -> Result<(), TrainError> {
        let holds = 0.0 < self.factor && self.factor <= 1.0;
        let domain = Domain(Self::NAME);
        domain.require(holds, "factor", "a number in (0, 1]", self.factor)?;
        domain.finite("1 / factor", 1.0 / self.factor)
    }

    fn python_options(&self, _: &Progress) -> Vec<(&'static str, Python)> {
        vec![("factor", Python::Float(self.factor)), ("total_iters", int(self.total_iters))]
    }

    fn lr(&self, at: &At) -> f64 {
        match at.epoch {
            0 => at.lr * self.factor,
            epoch if epoch == self.total_iters => at.lr * (1.0 / self.factor),
            _ => at.lr,
        }
    }

    fn restarted_lr(&self, at: &At) -> f64 {
        if self.total_iters == 0 { at.base_lr } else { at.base_lr * self.factor }
    }
}
