use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Loss, Reduction, weights};
use crate::TrainError;
use crate::domain::Domain;

/// The cross entropy of several yes-or-no labels, `p = sigmoid(input)`, averaged over the classes:
/// `-Σ weight · (target · ln p + (1 - target) · ln(1 - p)) / C`. PyTorch's `MultiLabelSoftMarginLoss`.
///
/// Shapes and panics are those of [`functional::multilabel_soft_margin_loss`].
///
/// ```
/// use selvedge_train::Loss;
/// use selvedge_train::loss::MultiLabelSoftMarginLoss;
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.0, 0.0]), Tensor::from_slice(&[1.0, 0.0]));
/// let loss = MultiLabelSoftMarginLoss::default().forward(&input, &target);
/// assert!((loss.double_value(&[]) - 2_f64.ln()).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MultiLabelSoftMarginLoss {
    /// A weight for each class; none by default.
    pub weight: Option<Vec<f64>>,
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Loss for MultiLabelSoftMarginLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        let weight = weights::tensor(self.weight.as_deref(), input);
        functional::multilabel_soft_margin_loss(input, target, weight.as_ref(), self.reduction)
    }

    fn validate(&self) -> Result<(), TrainError> {
        Domain("MultiLabelSoftMarginLoss").weights("weight", self.weight.as_deref())
    }
}
