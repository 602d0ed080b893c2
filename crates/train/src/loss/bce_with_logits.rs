use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Loss, Reduction, weights};
use crate::TrainError;
use crate::domain::Domain;

/// The cross entropy of a logit, `p = sigmoid(input)`:
/// `-weight · (pos_weight · target · ln p + (1 - target) · ln(1 - p))`. PyTorch's `BCEWithLogitsLoss`.
///
/// Shapes and panics are those of [`functional::binary_cross_entropy_with_logits`].
///
/// ```
/// use selvedge_train::Loss;
/// use selvedge_train::loss::BceWithLogitsLoss;
/// use tch::Tensor;
///
/// let loss = BceWithLogitsLoss { pos_weight: Some(vec![3.0]), ..BceWithLogitsLoss::default() };
/// let loss = loss.forward(&Tensor::from_slice(&[0.0]), &Tensor::from_slice(&[1.0]));
/// assert!((loss.double_value(&[]) - 3.0 * 2_f64.ln()).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BceWithLogitsLoss {
    /// A weight for each place of the last dimension; none by default.
    pub weight: Option<Vec<f64>>,
    /// A weight of the positive target for each place of the last dimension; none by default.
    pub pos_weight: Option<Vec<f64>>,
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Loss for BceWithLogitsLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        let weight = weights::tensor(self.weight.as_deref(), input);
        let pos_weight = weights::tensor(self.pos_weight.as_deref(), input);
        functional::binary_cross_entropy_with_logits(
            input,
            target,
            weight.as_ref(),
            pos_weight.as_ref(),
            self.reduction,
        )
    }

    fn validate(&self) -> Result<(), TrainError> {
        const DOMAIN: Domain = Domain("BceWithLogitsLoss");
        DOMAIN.weights("weight", self.weight.as_deref())?;
        DOMAIN.weights("pos_weight", self.pos_weight.as_deref())
    }
}
