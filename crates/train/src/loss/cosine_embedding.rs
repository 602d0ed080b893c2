use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::Reduction;
use crate::TrainError;
use crate::domain::Domain;

/// The loss of the cosine of two vectors, by whether they are alike: `1 - cos` where the target is 1,
/// `max(0, cos - margin)` where it is -1. PyTorch's `CosineEmbeddingLoss`.
///
/// Shapes and panics are those of [`functional::cosine_embedding_loss`].
///
/// ```
/// use selvedge_train::loss::CosineEmbeddingLoss;
/// use tch::Tensor;
///
/// let (first, second) = (Tensor::from_slice(&[1.0, 0.0]), Tensor::from_slice(&[0.0, 2.0]));
/// let loss = CosineEmbeddingLoss::default().forward(&first, &second, &Tensor::from(1.0));
/// assert_eq!(loss.double_value(&[]), 1.0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CosineEmbeddingLoss {
    /// The cosine up to which the unlike cost nothing, from -1 to 1; 0 by default.
    pub margin: f64,
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl CosineEmbeddingLoss {
    /// The loss, with one value unless the reduction is [`Reduction::None`].
    ///
    /// # Panics
    ///
    /// As [`functional::cosine_embedding_loss`].
    #[track_caller]
    pub fn forward(&self, input1: &Tensor, input2: &Tensor, target: &Tensor) -> Tensor {
        functional::cosine_embedding_loss(input1, input2, target, self.margin, self.reduction)
    }

    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> Result<(), TrainError> {
        Domain("CosineEmbeddingLoss").require(
            (-1.0..=1.0).contains(&self.margin),
            "margin",
            "a number from -1 to 1",
            self.margin,
        )
    }
}
