use std::f64::consts::PI;

use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::pytorch::int;
use super::{At, Groups, Progress, Rate};
use crate::TrainError;
use crate::domain::Domain;

/// Cosines that each begin anew: `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`.
///
/// ```text
/// lr = eta_min + (base_lr − eta_min)(1 + cos(π · T_cur / T_i)) / 2
/// ```
///
/// `T_cur` counts the epochs since the last restart; `T_i` is `T_0` at first and `T_mult` times as long after each
/// restart.
///
/// Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts".
///
/// ```
/// use selvedge_train::lr_scheduler::{CosineAnnealingWarmRestarts, Scheduler};
/// use selvedge_train::optim::{Optimizer, Sgd};
///
/// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 1.0, ..Sgd::default() })?;
/// let mut scheduler = Scheduler::new(&mut optimizer, CosineAnnealingWarmRestarts::new(2))?;
/// scheduler.step(&mut optimizer);
/// scheduler.step(&mut optimizer);
/// assert_eq!(optimizer.lr(), 1.0);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosineAnnealingWarmRestarts {
    /// The number of epochs to the first restart, from 1 on; PyTorch's `T_0`.
    #[serde(rename = "T_0")]
    pub t_0: u64,
    /// How many times longer each period is, from 1 on; PyTorch's `T_mult`. Default: 1.
    #[serde(rename = "T_mult", default = "once")]
    pub t_mult: u64,
    /// The lowest learning rate. Default: 0.
    #[serde(default)]
    pub eta_min: f64,
}

fn once() -> u64 {
    1
}

impl CosineAnnealingWarmRestarts {
    /// PyTorch's defaults for the rest.
    #[must_use]
    pub fn new(t_0: u64) -> Self {
        Self { t_0, t_mult: once(), eta_min: 0.0 }
    }

    /// The learning rate at an epoch and a part of it, from the initial one; PyTorch's `step(epoch)`.
    ///
    /// # Panics
    ///
    /// When the epoch is negative or not finite, or `t_0` or `t_mult` is 0.
    #[must_use]
    #[track_caller]
    pub fn lr_at(&self, epoch: f64, base_lr: f64) -> f64 {
        let name = Self::NAME;
        assert!(epoch >= 0.0 && epoch.is_finite(), "{name}: expected an epoch from 0 on, found {epoch}");
        let periods = (self.t_0, self.t_mult);
        assert!(
            periods.0 > 0 && periods.1 > 0,
            "{name}: expected T_0 and T_mult from 1 on, found {periods:?}"
        );
        let (current, period) = self.place(epoch);
        self.eta_min + (base_lr - self.eta_min) * (1.0 + (PI * current / period).cos()) / 2.0
    }

    /// The epochs since the last restart and those between it and the next, `T_cur` and `T_i`.
    fn place(&self, epoch: f64) -> (f64, f64) {
        let (mut current, mut period) = (epoch, self.t_0 as f64);
        if self.t_mult == 1 {
            current %= period;
        }
        while current >= period {
            current -= period;
            period *= self.t_mult as f64;
        }
        (current, period)
    }
}

impl Rate for CosineAnnealingWarmRestarts {
    const NAME: &'static str = "CosineAnnealingWarmRestarts";

    fn prepare(&self, _: &mut dyn Groups) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.require(self.t_0 > 0, "T_0", "a number from 1 on", self.t_0)?;
        domain.require(self.t_mult > 0, "T_mult", "a number from 1 on", self.t_mult)?;
        domain.finite("eta_min", self.eta_min)
    }

    fn python_options(&self, progress: &Progress) -> Vec<(&'static str, Python)> {
        let (current, period) = self.place(progress.last_epoch as f64);
        vec![
            ("T_0", int(self.t_0)),
            ("T_mult", int(self.t_mult)),
            ("eta_min", Python::Float(self.eta_min)),
            ("T_cur", int(current as u64)),
            ("T_i", int(period as u64)),
        ]
    }

    fn lr(&self, at: &At) -> f64 {
        self.lr_at(at.epoch as f64, at.base_lr)
    }
}
