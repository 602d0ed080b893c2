use selvedge_nn::functional;
use selvedge_nn::plan::Refusal;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::planned::MseStage;
use super::{Loss, LossStage, Reduction};

/// The mean squared error: `(input - target)²`. PyTorch's `MSELoss`.
///
/// Shapes and panics are those of [`functional::mse_loss`].
///
/// ```
/// use selvedge_train::{Loss, MseLoss};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[1.0, 2.0]), Tensor::from_slice(&[1.0, 4.0]));
/// assert_eq!(MseLoss::default().forward(&input, &target).double_value(&[]), 2.0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MseLoss {
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Loss for MseLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        functional::mse_loss(input, target, self.reduction)
    }

    fn plan(&self) -> Result<Box<dyn LossStage>, Refusal> {
        Ok(Box::new(MseStage(self.clone())))
    }
}
