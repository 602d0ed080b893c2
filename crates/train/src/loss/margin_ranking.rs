use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::Reduction;
use crate::TrainError;
use crate::domain::Domain;

/// The loss of two scores in the wrong order: `max(0, margin - target · (input1 - input2))`. PyTorch's
/// `MarginRankingLoss`.
///
/// Shapes and panics are those of [`functional::margin_ranking_loss`].
///
/// ```
/// use selvedge_train::loss::MarginRankingLoss;
/// use tch::Tensor;
///
/// let (first, second) = (Tensor::from_slice(&[1.0, 2.0]), Tensor::from_slice(&[3.0, 1.0]));
/// let target = Tensor::from_slice(&[1.0, 1.0]);
/// let loss = MarginRankingLoss::default().forward(&first, &second, &target);
/// assert_eq!(loss.double_value(&[]), 1.0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MarginRankingLoss {
    /// By how much the right one should win; 0 by default.
    pub margin: f64,
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl MarginRankingLoss {
    /// The loss, with one value unless the reduction is [`Reduction::None`].
    ///
    /// # Panics
    ///
    /// As [`functional::margin_ranking_loss`].
    #[track_caller]
    pub fn forward(&self, input1: &Tensor, input2: &Tensor, target: &Tensor) -> Tensor {
        functional::margin_ranking_loss(input1, input2, target, self.margin, self.reduction)
    }

    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> Result<(), TrainError> {
        Domain("MarginRankingLoss").finite("margin", self.margin)
    }
}
