use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Loss, Reduction};
use crate::TrainError;
use crate::domain::Domain;

/// The absolute error, squared near 0; with `d = |input - target|`: `d² / 2beta` where `d < beta`, else
/// `d - beta / 2`. PyTorch's `SmoothL1Loss`.
///
/// Shapes and panics are those of [`functional::smooth_l1_loss`].
///
/// ```
/// use selvedge_train::Loss;
/// use selvedge_train::loss::SmoothL1Loss;
/// use tch::Tensor;
///
/// let loss = SmoothL1Loss { beta: 2.0, ..SmoothL1Loss::default() };
/// let (input, target) = (Tensor::from_slice(&[1.0, 2.0]), Tensor::from_slice(&[2.0, 5.0]));
/// assert_eq!(loss.forward(&input, &target).double_value(&[]), (0.25 + 2.0) / 2.0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmoothL1Loss {
    /// Where the loss turns from squared to absolute, not negative; 1 by default. With 0 it is
    /// [`L1Loss`](super::L1Loss).
    pub beta: f64,
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Default for SmoothL1Loss {
    fn default() -> Self {
        Self { beta: 1.0, reduction: Reduction::Mean }
    }
}

impl Loss for SmoothL1Loss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        functional::smooth_l1_loss(input, target, self.beta, self.reduction)
    }

    fn validate(&self) -> Result<(), TrainError> {
        Domain("SmoothL1Loss").not_negative(&[("beta", self.beta)])
    }
}
