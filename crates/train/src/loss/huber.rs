use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Loss, Reduction};
use crate::TrainError;
use crate::domain::Domain;

/// The squared error, absolute far from 0; with `d = |input - target|`: `d² / 2` where `d < delta`, else
/// `delta · (d - delta / 2)`. PyTorch's `HuberLoss`.
///
/// Shapes and panics are those of [`functional::huber_loss`].
///
/// ```
/// use selvedge_train::Loss;
/// use selvedge_train::loss::HuberLoss;
/// use tch::Tensor;
///
/// let loss = HuberLoss { delta: 2.0, ..HuberLoss::default() };
/// let (input, target) = (Tensor::from_slice(&[1.0, 2.0]), Tensor::from_slice(&[2.0, 5.0]));
/// assert_eq!(loss.forward(&input, &target).double_value(&[]), (0.5 + 4.0) / 2.0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HuberLoss {
    /// Where the loss turns from squared to absolute, positive; 1 by default.
    pub delta: f64,
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Default for HuberLoss {
    fn default() -> Self {
        Self { delta: 1.0, reduction: Reduction::Mean }
    }
}

impl Loss for HuberLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        functional::huber_loss(input, target, self.delta, self.reduction)
    }

    fn validate(&self) -> Result<(), TrainError> {
        Domain("HuberLoss").positive("delta", self.delta)
    }
}
