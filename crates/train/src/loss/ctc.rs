use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::Reduction;
use crate::TrainError;
use crate::domain::Domain;

/// The negative log-likelihood of label sequences of unknown alignment, over all paths that collapse to the
/// labels: `-ln Σ p(path)`. PyTorch's `CTCLoss`.
///
/// Shapes and panics are those of [`functional::ctc_loss`].
///
/// ```
/// use selvedge_train::loss::CtcLoss;
/// use tch::Tensor;
///
/// // Two steps, and the labels 0 for blank, 1, 2: "1" is spelled by 11, 01 and 10.
/// let log_probs = Tensor::from_slice(&[1.0 / 3.0; 6]).log().reshape([2, 1, 3]);
/// let targets = Tensor::from_slice(&[1_i64]);
/// let loss = CtcLoss::default().forward(&log_probs, &targets, &[2], &[1]);
/// assert!((loss.double_value(&[]) - 3_f64.ln()).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CtcLoss {
    /// The class that stands for no label; 0 by default.
    pub blank: i64,
    /// `Mean` by default, after each loss is divided by the length of its target.
    pub reduction: Reduction,
    /// Whether a target too long for its input costs 0 instead of infinity; false by default.
    pub zero_infinity: bool,
}

impl CtcLoss {
    /// The loss, with one value unless the reduction is [`Reduction::None`].
    ///
    /// # Panics
    ///
    /// As [`functional::ctc_loss`].
    #[track_caller]
    pub fn forward(
        &self,
        log_probs: &Tensor,
        targets: &Tensor,
        input_lengths: &[i64],
        target_lengths: &[i64],
    ) -> Tensor {
        functional::ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.zero_infinity,
            self.reduction,
        )
    }

    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> Result<(), TrainError> {
        Domain("CtcLoss").require(self.blank >= 0, "blank", "a number from 0 on", self.blank)
    }
}
