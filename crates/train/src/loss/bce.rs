use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Loss, Reduction, weights};
use crate::TrainError;
use crate::domain::Domain;

/// The cross entropy of a probability: `-weight · (target · ln input + (1 - target) · ln(1 - input))`. PyTorch's
/// `BCELoss`.
///
/// Shapes and panics are those of [`functional::binary_cross_entropy`].
///
/// ```
/// use selvedge_train::Loss;
/// use selvedge_train::loss::BceLoss;
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.5, 1.0]), Tensor::from_slice(&[1.0, 1.0]));
/// let loss = BceLoss::default().forward(&input, &target);
/// assert!((loss.double_value(&[]) - 2_f64.ln() / 2.0).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BceLoss {
    /// A weight for each place of the last dimension; none by default.
    pub weight: Option<Vec<f64>>,
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Loss for BceLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        let weight = weights::tensor(self.weight.as_deref(), input);
        functional::binary_cross_entropy(input, target, weight.as_ref(), self.reduction)
    }

    fn validate(&self) -> Result<(), TrainError> {
        Domain("BceLoss").weights("weight", self.weight.as_deref())
    }
}
