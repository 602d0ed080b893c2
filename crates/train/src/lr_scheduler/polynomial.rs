use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::pytorch::int;
use super::{At, Groups, Progress, Rate};
use crate::TrainError;
use crate::domain::Domain;

/// Lets the learning rate fall to 0 as a power of what is left: `torch.optim.lr_scheduler.PolynomialLR`.
///
/// ```text
/// lr = base_lr · (1 − min(epoch, total_iters) / total_iters)^power
/// ```
///
/// ```
/// use selvedge_train::lr_scheduler::{PolynomialLr, Scheduler};
/// use selvedge_train::optim::{Optimizer, Sgd};
///
/// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 1.0, ..Sgd::default() })?;
/// let mut scheduler = Scheduler::new(&mut optimizer, PolynomialLr { total_iters: 2, power: 2.0 })?;
/// scheduler.step(&mut optimizer);
/// assert_eq!(optimizer.lr(), 0.25);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolynomialLr {
    /// The epoch from which the learning rate is 0. Default: 5.
    pub total_iters: u64,
    /// The power. Default: 1.
    pub power: f64,
}

impl Default for PolynomialLr {
    fn default() -> Self {
        Self { total_iters: 5, power: 1.0 }
    }
}

impl Rate for PolynomialLr {
    const NAME: &'static str = "PolynomialLR";

    fn prepare(&self, _: &mut dyn Groups) -> Result<(), TrainError> {
        // 0 to a negative power is infinite, at epoch total_iters.
        Domain(Self::NAME).finite_not_negative(&[("power", self.power)])
    }

    fn python_options(&self, _: &Progress) -> Vec<(&'static str, Python)> {
        vec![("total_iters", int(self.total_iters)), ("power", Python::Float(self.power))]
    }

    fn lr(&self, at: &At) -> f64 {
        if at.epoch == 0 || at.epoch > self.total_iters {
            return at.lr;
        }
        let left = |epoch: u64| 1.0 - epoch as f64 / self.total_iters as f64;
        at.lr * (left(at.epoch) / left(at.epoch - 1)).powf(self.power)
    }

    fn restarted_lr(&self, at: &At) -> f64 {
        at.base_lr
    }
}
