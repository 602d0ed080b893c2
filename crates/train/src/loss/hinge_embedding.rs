use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Loss, Reduction};
use crate::TrainError;
use crate::domain::Domain;

/// The loss of a distance, by whether the two are alike: `input` where the target is 1, `max(0, margin - input)`
/// where it is -1. PyTorch's `HingeEmbeddingLoss`.
///
/// Shapes and panics are those of [`functional::hinge_embedding_loss`].
///
/// ```
/// use selvedge_train::Loss;
/// use selvedge_train::loss::HingeEmbeddingLoss;
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.5, 0.25]), Tensor::from_slice(&[1.0, -1.0]));
/// let loss = HingeEmbeddingLoss::default().forward(&input, &target);
/// assert_eq!(loss.double_value(&[]), 1.25 / 2.0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HingeEmbeddingLoss {
    /// The distance from which the unlike cost nothing; 1 by default.
    pub margin: f64,
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Default for HingeEmbeddingLoss {
    fn default() -> Self {
        Self { margin: 1.0, reduction: Reduction::Mean }
    }
}

impl Loss for HingeEmbeddingLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        functional::hinge_embedding_loss(input, target, self.margin, self.reduction)
    }

    fn validate(&self) -> Result<(), TrainError> {
        Domain("HingeEmbeddingLoss").finite("margin", self.margin)
    }
}
