use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Loss, Reduction};

/// The mean absolute error: `|input - target|`. PyTorch's `L1Loss`.
///
/// Shapes and panics are those of [`functional::l1_loss`].
///
/// ```
/// use selvedge_train::Loss;
/// use selvedge_train::loss::L1Loss;
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[1.0, 2.0]), Tensor::from_slice(&[1.0, 5.0]));
/// assert_eq!(L1Loss::default().forward(&input, &target).double_value(&[]), 1.5);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct L1Loss {
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Loss for L1Loss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        functional::l1_loss(input, target, self.reduction)
    }
}
