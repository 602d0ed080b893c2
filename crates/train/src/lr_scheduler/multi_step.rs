use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::step::tenth;
use super::{At, Groups, Progress, Rate};
use crate::TrainError;
use crate::domain::Domain;

/// Multiplies the learning rate by `gamma` at each milestone: `torch.optim.lr_scheduler.MultiStepLR`.
///
/// ```
/// use selvedge_train::lr_scheduler::{MultiStepLr, Scheduler};
/// use selvedge_train::optim::{Optimizer, Sgd};
///
/// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 1.0, ..Sgd::default() })?;
/// let schedule = MultiStepLr { gamma: 0.5, ..MultiStepLr::new([1, 3]) };
/// let mut scheduler = Scheduler::new(&mut optimizer, schedule)?;
/// let mut rates = vec![optimizer.lr()];
/// for _ in 0..3 {
///     scheduler.step(&mut optimizer);
///     rates.push(optimizer.lr());
/// }
/// assert_eq!(rates, [1.0, 0.5, 0.5, 0.25]);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultiStepLr {
    /// The epochs at which the learning rate changes; twice the same changes it twice.
    pub milestones: Vec<u64>,
    /// The factor. Default: 0.1.
    #[serde(default = "tenth")]
    pub gamma: f64,
}

impl MultiStepLr {
    /// PyTorch's defaults for the rest.
    #[must_use]
    pub fn new(milestones: impl Into<Vec<u64>>) -> Self {
        Self { milestones: milestones.into(), gamma: tenth() }
    }

    fn factor(&self, changes: impl Fn(u64) -> bool) -> f64 {
        let count = self.milestones.iter().filter(|&&milestone| changes(milestone)).count();
        self.gamma.powf(count as f64)
    }
}

impl Rate for MultiStepLr {
    const NAME: &'static str = "MultiStepLR";

    fn prepare(&self, _: &mut dyn Groups) -> Result<(), TrainError> {
        Domain(Self::NAME).finite("gamma", self.gamma)
    }

    fn python_options(&self, _: &Progress) -> Vec<(&'static str, Python)> {
        vec![("gamma", Python::Float(self.gamma))]
    }

    fn lr(&self, at: &At) -> f64 {
        at.lr * self.factor(|milestone| milestone == at.epoch)
    }

    fn restarted_lr(&self, at: &At) -> f64 {
        at.base_lr * self.factor(|milestone| milestone <= at.epoch)
    }
}
