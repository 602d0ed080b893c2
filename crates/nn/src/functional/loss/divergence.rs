use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Reduction, check};

/// What [`kl_div`] makes of the losses of the single elements: a [`Reduction`], or the mean over the batch.
///
/// In a configuration file `"mean"`, `"sum"`, `"none"` or `"batchmean"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KlDivReduction {
    /// Their mean over all elements; the default. Not the divergence, which is `BatchMean`.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// Nothing: the losses as they are.
    None,
    /// Their sum, divided by the first length of the input: the Kullback-Leibler divergence.
    BatchMean,
}

/// Kullback-Leibler divergence of log-probabilities from the target: `target · (ln target - input)`. PyTorch's
/// `kl_div`.
///
/// With `log_target` the target holds log-probabilities, too: `exp(target) · (target - input)`.
///
/// # Shapes
///
/// `input` and `target` of the same size, whatever it is.
///
/// # Panics
///
/// When the sizes differ. Differs from PyTorch: it broadcasts them.
///
/// ```
/// use selvedge_nn::functional::{KlDivReduction, kl_div};
/// use tch::Tensor;
///
/// let target = Tensor::from_slice(&[0.25, 0.75]).reshape([1, 2]);
/// let loss = kl_div(&target.log(), &target, false, KlDivReduction::BatchMean);
/// assert_eq!(loss.double_value(&[]), 0.0);
/// ```
#[track_caller]
pub fn kl_div(input: &Tensor, target: &Tensor, log_target: bool, reduction: KlDivReduction) -> Tensor {
    const LOSS: &str = "kl_div";
    check::same_size(LOSS, ("input", input), ("target", target));
    let (reduction, divisor) = match reduction {
        KlDivReduction::Mean => (Reduction::Mean, None),
        KlDivReduction::Sum => (Reduction::Sum, None),
        KlDivReduction::None => (Reduction::None, None),
        KlDivReduction::BatchMean => (Reduction::Sum, Some(input.size().first().copied().unwrap_or(1))),
    };
    let loss = check::computed(LOSS, input.f_kl_div(target, reduction.into(), log_target));
    match divisor {
        Some(divisor) => loss / divisor,
        None => loss,
    }
}
