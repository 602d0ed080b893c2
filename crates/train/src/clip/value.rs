use selvedge_torch::foreach;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::gradients;
use crate::TrainError;
use crate::domain::Domain;

/// Cuts each value of the gradients off at `-clip_value` and `clip_value`. PyTorch's `clip_grad_value_`.
///
/// ```
/// use selvedge_train::clip::ClipGradientValue;
/// use tch::{Kind, Tensor};
///
/// let weight = Tensor::from_slice(&[-3.0, 0.5]).set_requires_grad(true);
/// (weight.square() / 2.0).sum(Kind::Double).backward();
/// ClipGradientValue { clip_value: 1.0 }.clip(&[weight.shallow_clone()]);
/// assert_eq!(weight.grad(), Tensor::from_slice(&[-1.0, 0.5]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClipGradientValue {
    /// The highest magnitude, not negative; 1 by default. PyTorch has no default.
    pub clip_value: f64,
}

impl Default for ClipGradientValue {
    fn default() -> Self {
        Self { clip_value: 1.0 }
    }
}

impl ClipGradientValue {
    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> Result<(), TrainError> {
        Domain("ClipGradientValue").not_negative(&[("clip_value", self.clip_value)])
    }

    /// Clips the gradients of the parameters. Parameters without one are left alone.
    ///
    /// # Panics
    ///
    /// When a gradient is sparse.
    #[track_caller]
    pub fn clip(&self, parameters: &[Tensor]) {
        const UNIT: &str = "ClipGradientValue";
        let _no_grad = tch::no_grad_guard();
        for list in gradients::apart(&gradients::of(parameters)) {
            gradients::done(UNIT, foreach::clamp_min_(&list, -self.clip_value));
            gradients::done(UNIT, foreach::clamp_max_(&list, self.clip_value));
        }
    }
}
