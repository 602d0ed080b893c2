use std::f64::consts::PI;

use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::pytorch::int;
use super::{AnnealStrategy, At, Groups, PerGroup, Progress, Rate};
use crate::TrainError;

/// Goes from the learning rate to a constant one, for weights that are averaged: `torch.optim.swa_utils.SWALR`.
///
/// ```text
/// lr = swa_lr · α + lr₀ · (1 − α)        α from 0 to 1 in anneal_epochs
/// ```
///
/// Izmailov and others, "Averaging Weights Leads to Wider Optima and Better Generalization".
///
/// ```
/// use selvedge_train::lr_scheduler::{AnnealStrategy, Scheduler, SwaLr};
/// use selvedge_train::optim::{Optimizer, Sgd};
///
/// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 1.0, ..Sgd::default() })?;
/// let schedule =
///     SwaLr { anneal_epochs: 2, anneal_strategy: AnnealStrategy::Linear, ..SwaLr::new(0.5) };
/// let mut scheduler = Scheduler::new(&mut optimizer, schedule)?;
/// scheduler.step(&mut optimizer);
/// assert_eq!(optimizer.lr(), 0.75);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwaLr {
    /// The constant learning rate.
    pub swa_lr: PerGroup,
    /// How many epochs the way to it takes. Default: 10.
    #[serde(default = "ten")]
    pub anneal_epochs: u64,
    /// The form of the way. Default: [`AnnealStrategy::Cos`].
    #[serde(default)]
    pub anneal_strategy: AnnealStrategy,
}

fn ten() -> u64 {
    10
}

impl SwaLr {
    /// PyTorch's defaults for the rest.
    pub fn new(swa_lr: impl Into<PerGroup>) -> Self {
        Self { swa_lr: swa_lr.into(), anneal_epochs: ten(), anneal_strategy: AnnealStrategy::default() }
    }

    /// How far the way is gone after a number of steps.
    fn alpha(&self, steps: f64) -> f64 {
        let part = (steps / self.anneal_epochs.max(1) as f64).clamp(0.0, 1.0);
        match self.anneal_strategy {
            AnnealStrategy::Cos => (1.0 - (PI * part).cos()) / 2.0,
            AnnealStrategy::Linear => part,
        }
    }
}

impl Rate for SwaLr {
    const NAME: &'static str = "SWALR";

    fn prepare(&self, groups: &mut dyn Groups) -> Result<(), TrainError> {
        self.swa_lr.check(Self::NAME, "swa_lr", groups)?;
        for group in 0..groups.group_count() {
            let values = groups.schedule_values(group);
            values.insert("swa_lr".to_owned(), self.swa_lr.of(group));
        }
        Ok(())
    }

    fn python_options(&self, _: &Progress) -> Vec<(&'static str, Python)> {
        vec![
            ("anneal_epochs", int(self.anneal_epochs)),
            ("_anneal_strategy", Python::Text(self.anneal_strategy.name().to_owned())),
        ]
    }

    fn lr(&self, at: &At) -> f64 {
        let target = at.value("swa_lr", self.swa_lr.of(at.group));
        let mut steps = at.step_count as f64 - 1.0;
        if self.anneal_epochs == 0 {
            steps = steps.max(1.0);
        }
        let before = self.alpha(steps - 1.0);
        let initial = if before == 1.0 { target } else { (at.lr - before * target) / (1.0 - before) };
        let alpha = self.alpha(steps);
        target * alpha + initial * (1.0 - alpha)
    }
}
