use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Loss, Reduction, weights};
use crate::TrainError;
use crate::domain::Domain;

/// The hinge loss of the target class against each other one, averaged over the classes:
/// `Σ weight[target] · max(0, margin - input[target] + input[class])^p / C`. PyTorch's `MultiMarginLoss`.
///
/// Shapes and panics are those of [`functional::multi_margin_loss`].
///
/// ```
/// use selvedge_train::Loss;
/// use selvedge_train::loss::MultiMarginLoss;
/// use tch::Tensor;
///
/// let loss = MultiMarginLoss { p: 2, ..MultiMarginLoss::default() };
/// let input = Tensor::from_slice(&[0.5, 1.0, 0.0, -3.0]);
/// assert_eq!(loss.forward(&input, &Tensor::from(1_i64)).double_value(&[]), 0.25 / 4.0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MultiMarginLoss {
    /// The power of the hinge, 1 or 2; 1 by default.
    pub p: i64,
    /// By how much the target class should win; 1 by default.
    pub margin: f64,
    /// A weight for each class; none by default.
    pub weight: Option<Vec<f64>>,
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Default for MultiMarginLoss {
    fn default() -> Self {
        Self { p: 1, margin: 1.0, weight: None, reduction: Reduction::Mean }
    }
}

impl Loss for MultiMarginLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        let weight = weights::tensor(self.weight.as_deref(), input);
        functional::multi_margin_loss(input, target, self.p, self.margin, weight.as_ref(), self.reduction)
    }

    fn validate(&self) -> Result<(), TrainError> {
        const DOMAIN: Domain = Domain("MultiMarginLoss");
        DOMAIN.weights("weight", self.weight.as_deref())?;
        DOMAIN.require(matches!(self.p, 1 | 2), "p", "1 or 2", self.p)?;
        DOMAIN.finite("margin", self.margin)
    }
}
