use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Loss, Reduction};

/// The logistic loss of a score against a target of 1 or -1: `ln(1 + exp(-target · input))`. PyTorch's
/// `SoftMarginLoss`.
///
/// Shapes and panics are those of [`functional::soft_margin_loss`].
///
/// ```
/// use selvedge_train::Loss;
/// use selvedge_train::loss::SoftMarginLoss;
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.0, 0.0]), Tensor::from_slice(&[1.0, -1.0]));
/// let loss = SoftMarginLoss::default().forward(&input, &target);
/// assert!((loss.double_value(&[]) - 2_f64.ln()).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoftMarginLoss {
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Loss for SoftMarginLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        functional::soft_margin_loss(input, target, self.reduction)
    }
}
