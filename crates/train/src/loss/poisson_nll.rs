use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Loss, Reduction};
use crate::TrainError;
use crate::domain::Domain;

/// The negative log-likelihood of counts under a Poisson distribution: `exp(input) - target · input`. PyTorch's
/// `PoissonNLLLoss`.
///
/// Shapes and panics are those of [`functional::poisson_nll_loss`].
///
/// ```
/// use selvedge_train::Loss;
/// use selvedge_train::loss::PoissonNllLoss;
/// use tch::Tensor;
///
/// let loss = PoissonNllLoss { log_input: false, ..PoissonNllLoss::default() };
/// let (input, target) = (Tensor::from_slice(&[1.0, 1.0]), Tensor::from_slice(&[3.0, 1.0]));
/// assert!((loss.forward(&input, &target).double_value(&[]) - 1.0).abs() < 1e-7);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PoissonNllLoss {
    /// Whether the input is the logarithm of the expected count; true by default.
    pub log_input: bool,
    /// Whether to add Stirling's approximation of the constant term; false by default.
    pub full: bool,
    /// Keeps `ln(input + eps)` finite without `log_input`, not negative; 1e-8 by default.
    pub eps: f64,
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Default for PoissonNllLoss {
    fn default() -> Self {
        Self { log_input: true, full: false, eps: 1e-8, reduction: Reduction::Mean }
    }
}

impl Loss for PoissonNllLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        functional::poisson_nll_loss(input, target, self.log_input, self.full, self.eps, self.reduction)
    }

    fn validate(&self) -> Result<(), TrainError> {
        Domain("PoissonNllLoss").not_negative(&[("eps", self.eps)])
    }
}
