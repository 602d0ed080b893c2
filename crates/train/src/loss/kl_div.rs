use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{KlDivReduction, Loss};

/// The Kullback-Leibler divergence of log-probabilities from the target: `target · (ln target - input)`. PyTorch's
/// `KLDivLoss`.
///
/// Shapes and panics are those of [`functional::kl_div`].
///
/// ```
/// use selvedge_train::Loss;
/// use selvedge_train::loss::{KlDivLoss, KlDivReduction};
/// use tch::Tensor;
///
/// let loss = KlDivLoss { reduction: KlDivReduction::BatchMean, ..KlDivLoss::default() };
/// let target = Tensor::from_slice(&[0.25, 0.75]).reshape([1, 2]);
/// assert_eq!(loss.forward(&target.log(), &target).double_value(&[]), 0.0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KlDivLoss {
    /// `Mean` by default, as in PyTorch; the divergence itself is `BatchMean`.
    pub reduction: KlDivReduction,
    /// Whether the target holds log-probabilities, too; false by default.
    pub log_target: bool,
}

impl Loss for KlDivLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        functional::kl_div(input, target, self.log_target, self.reduction)
    }
}
