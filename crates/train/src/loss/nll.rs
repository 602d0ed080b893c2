use selvedge_nn::functional;
use selvedge_nn::plan::Refusal;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::planned::NllStage;
use super::{Loss, LossStage, Reduction, weights};
use crate::TrainError;
use crate::domain::Domain;

/// The negative log-likelihood of the target classes: `-weight[target] · input[target]`. PyTorch's `NLLLoss`.
///
/// The input holds log-probabilities, as `log_softmax` gives them. Shapes and panics are those of
/// [`functional::nll_loss`].
///
/// ```
/// use selvedge_train::{Loss, NllLoss};
/// use tch::Tensor;
///
/// let loss = NllLoss { weight: Some(vec![1.0, 3.0]), ..NllLoss::default() };
/// let input = Tensor::from_slice(&[-0.5, -1.5, -2.5, -0.25]).reshape([2, 2]);
/// let target = Tensor::from_slice(&[0_i64, 1]);
/// assert_eq!(loss.forward(&input, &target).double_value(&[]), (0.5 + 3.0 * 0.25) / 4.0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NllLoss {
    /// A weight for each class; none by default.
    pub weight: Option<Vec<f64>>,
    /// The target that counts nothing; -100 by default.
    pub ignore_index: i64,
    /// `Mean` by default, over the weights of the targets that count.
    pub reduction: Reduction,
}

impl Default for NllLoss {
    fn default() -> Self {
        Self { weight: None, ignore_index: -100, reduction: Reduction::Mean }
    }
}

impl Loss for NllLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        let weight = weights::tensor(self.weight.as_deref(), input);
        functional::nll_loss(input, target, weight.as_ref(), self.ignore_index, self.reduction)
    }

    fn validate(&self) -> Result<(), TrainError> {
        Domain("NllLoss").weights("weight", self.weight.as_deref())
    }

    fn plan(&self) -> Result<Box<dyn LossStage>, Refusal> {
        Ok(Box::new(NllStage(self.clone())))
    }
}
