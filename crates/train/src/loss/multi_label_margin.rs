use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Loss, Reduction};

/// The hinge loss of each target class against each class that is none, averaged over the classes:
/// `Σ max(0, 1 - input[target] + input[class]) / C`. PyTorch's `MultiLabelMarginLoss`.
///
/// Shapes and panics are those of [`functional::multilabel_margin_loss`].
///
/// ```
/// use selvedge_train::Loss;
/// use selvedge_train::loss::MultiLabelMarginLoss;
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.1, 0.2, 0.4, 0.8]), Tensor::from_slice(&[3_i64, 0, -1, 1]));
/// let loss = MultiLabelMarginLoss::default().forward(&input, &target);
/// assert!((loss.double_value(&[]) - 0.85).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MultiLabelMarginLoss {
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Loss for MultiLabelMarginLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        functional::multilabel_margin_loss(input, target, self.reduction)
    }
}
