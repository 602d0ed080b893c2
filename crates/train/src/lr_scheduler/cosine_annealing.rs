use std::f64::consts::PI;

use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::pytorch::int;
use super::{At, Groups, Progress, Rate};
use crate::TrainError;
use crate::domain::Domain;

/// Lets the learning rate fall, and rise again, along a cosine: `torch.optim.lr_scheduler.CosineAnnealingLR`.
///
/// ```text
/// lr = eta_min + (base_lr − eta_min)(1 + cos(π · epoch / T_max)) / 2
/// ```
///
/// Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", without the restarts.
///
/// ```
/// use selvedge_train::lr_scheduler::{CosineAnnealingLr, Scheduler};
/// use selvedge_train::optim::{Optimizer, Sgd};
///
/// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 1.0, ..Sgd::default() })?;
/// let mut scheduler = Scheduler::new(&mut optimizer, CosineAnnealingLr::new(2))?;
/// scheduler.step(&mut optimizer);
/// assert!((optimizer.lr() - 0.5).abs() < 1e-12);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosineAnnealingLr {
    /// The epoch of the lowest learning rate, from 1 on; PyTorch's `T_max`.
    #[serde(rename = "T_max")]
    pub t_max: u64,
    /// The lowest learning rate. Default: 0.
    #[serde(default)]
    pub eta_min: f64,
}

impl CosineAnnealingLr {
    /// PyTorch's defaults for the rest.
    #[must_use]
    pub fn new(t_max: u64) -> Self {
        Self { t_max, eta_min: 0.0 }
    }
}

impl Rate for CosineAnnealingLr {
    const NAME: &'static str = "CosineAnnealingLR";

    fn prepare(&self, _: &mut dyn Groups) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.require(self.t_max > 0, "T_max", "a number from 1 on", self.t_max)?;
        domain.finite("eta_min", self.eta_min)
    }

    fn python_options(&self, _: &Progress) -> Vec<(&'static str, Python)> {
        vec![("T_max", int(self.t_max)), ("eta_min", Python::Float(self.eta_min))]
    }

    fn lr(&self, at: &At) -> f64 {
        if at.initial {
            return at.lr;
        }
        let (last, period) = (at.epoch as f64 - 1.0, self.t_max as f64);
        // At the lowest point the quotient below is 0 / 0.
        if (last - period) % (2.0 * period) == 0.0 {
            return at.lr + (at.base_lr - self.eta_min) * (1.0 - (PI / period).cos()) / 2.0;
        }
        let height = |epoch: f64| 1.0 + (PI * epoch / period).cos();
        height(last + 1.0) / height(last) * (at.lr - self.eta_min) + self.eta_min
    }

    fn restarted_lr(&self, at: &At) -> f64 {
        at.base_lr
    }
}
