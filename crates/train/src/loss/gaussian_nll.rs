use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::Reduction;
use crate::TrainError;
use crate::domain::Domain;

/// The negative log-likelihood under normal distributions with the means `input`:
/// `(ln v + (input - target)² / v) / 2`, where `v = max(variance, eps)`. PyTorch's `GaussianNLLLoss`.
///
/// Shapes and panics are those of [`functional::gaussian_nll_loss`].
///
/// ```
/// use selvedge_train::loss::GaussianNllLoss;
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.0, 1.0]), Tensor::from_slice(&[2.0, 1.0]));
/// let variance = Tensor::from_slice(&[1.0, 1.0]);
/// let loss = GaussianNllLoss::default().forward(&input, &target, &variance);
/// assert_eq!(loss.double_value(&[]), 1.0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GaussianNllLoss {
    /// Whether to add the constant term `ln(2π) / 2`; false by default.
    pub full: bool,
    /// The lowest variance, positive; 1e-6 by default.
    pub eps: f64,
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Default for GaussianNllLoss {
    fn default() -> Self {
        Self { full: false, eps: 1e-6, reduction: Reduction::Mean }
    }
}

impl GaussianNllLoss {
    /// The loss, with one value unless the reduction is [`Reduction::None`].
    ///
    /// # Panics
    ///
    /// As [`functional::gaussian_nll_loss`].
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor, variance: &Tensor) -> Tensor {
        functional::gaussian_nll_loss(input, target, variance, self.full, self.eps, self.reduction)
    }

    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> Result<(), TrainError> {
        Domain("GaussianNllLoss").positive("eps", self.eps)
    }
}
