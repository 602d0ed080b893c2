use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::pytorch::int;
use super::{At, Groups, Progress, Rate};
use crate::TrainError;
use crate::domain::Domain;

/// Goes in a line from `start_factor` to `end_factor` of the learning rate: `torch.optim.lr_scheduler.LinearLR`.
///
/// ```text
/// lr = base_lr · (start_factor + (end_factor − start_factor) · min(epoch, total_iters) / total_iters)
/// ```
///
/// See [`SequentialLr`](super::SequentialLr) for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearLr {
    /// The factor at epoch 0, above 0 and up to 1. Default: 1/3.
    pub start_factor: f64,
    /// The factor at epoch `total_iters` and later, from 0 to 1. Default: 1.
    pub end_factor: f64,
    /// How many epochs the way takes. Default: 5.
    pub total_iters: u64,
}

impl Default for LinearLr {
    fn default() -> Self {
        Self { start_factor: 1.0 / 3.0, end_factor: 1.0, total_iters: 5 }
    }
}

impl Rate for LinearLr {
    const NAME: &'static str = "LinearLR";

    fn prepare(&self, _: &mut dyn Groups) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        let starts = 0.0 < self.start_factor && self.start_factor <= 1.0;
        domain.require(starts, "start_factor", "a number in (0, 1]", self.start_factor)?;
        domain.finite("1 / start_factor", 1.0 / self.start_factor)?;
        let ends = (0.0..=1.0).contains(&self.end_factor);
        domain.require(ends, "end_factor", "a number in [0, 1]", self.end_factor)
    }

    fn python_options(&self, _: &Progress) -> Vec<(&'static str, Python)> {
        vec![
            ("start_factor", Python::Float(self.start_factor)),
            ("end_factor", Python::Float(self.end_factor)),
            ("total_iters", int(self.total_iters)),
        ]
    }

    fn lr(&self, at: &At) -> f64 {
        if at.epoch == 0 {
            return at.lr * self.start_factor;
        }
        if at.epoch > self.total_iters {
            return at.lr;
        }
        let way = self.end_factor - self.start_factor;
        let before = self.total_iters as f64 * self.start_factor + (at.epoch - 1) as f64 * way;
        at.lr * (1.0 + way / before)
    }

    fn restarted_lr(&self, at: &At) -> f64 {
        at.base_lr * self.start_factor
    }
}
