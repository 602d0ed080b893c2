use tch::Tensor;

use super::{Reduction, check};

/// Cross entropy of a probability: `-weight · (target · ln input + (1 - target) · ln(1 - input))`. PyTorch's
/// `binary_cross_entropy`.
///
/// The logarithms are cut off at -100, as in PyTorch, so that the loss stays finite.
///
/// # Shapes
///
/// `input` and `target` of the same size, whatever it is; `weight` of a size that broadcasts to it.
///
/// # Panics
///
/// When a size is another, when `target` is not of floating point, or on the CPU when a value of `input` is
/// not within 0 and 1.
///
/// ```
/// use selvedge_nn::functional::{Reduction, binary_cross_entropy};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.5, 1.0]), Tensor::from_slice(&[1.0, 1.0]));
/// let loss = binary_cross_entropy(&input, &target, None, Reduction::Sum);
/// assert!((loss.double_value(&[]) - 2_f64.ln()).abs() < 1e-12);
/// ```
#[track_caller]
pub fn binary_cross_entropy(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    reduction: Reduction,
) -> Tensor {
    const LOSS: &str = "binary_cross_entropy";
    check::same_size(LOSS, ("input", input), ("target", target));
    check::floating(LOSS, "target", target);
    check::broadcasts(LOSS, "weight", weight, input);
    check::computed(LOSS, input.f_binary_cross_entropy(target, weight, reduction.into()))
}

/// Cross entropy of a logit, `p = sigmoid(input)`:
/// `-weight · (pos_weight · target · ln p + (1 - target) · ln(1 - p))`. PyTorch's
/// `binary_cross_entropy_with_logits`.
///
/// Finite for every finite logit.
///
/// # Shapes
///
/// `input` and `target` of the same size, whatever it is; `weight` and `pos_weight` of sizes that broadcast to
/// it.
///
/// # Panics
///
/// When a size is another, or `target` is not of floating point.
///
/// ```
/// use selvedge_nn::functional::{Reduction, binary_cross_entropy_with_logits};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.0, 1e4]), Tensor::from_slice(&[1.0, 1.0]));
/// let loss = binary_cross_entropy_with_logits(&input, &target, None, None, Reduction::Sum);
/// assert!((loss.double_value(&[]) - 2_f64.ln()).abs() < 1e-12);
/// ```
#[track_caller]
pub fn binary_cross_entropy_with_logits(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    pos_weight: Option<&Tensor>,
    reduction: Reduction,
) -> Tensor {
    const LOSS: &str = "binary_cross_entropy_with_logits";
    check::same_size(LOSS, ("input", input), ("target", target));
    check::floating(LOSS, "target", target);
    check::broadcasts(LOSS, "weight", weight, input);
    check::broadcasts(LOSS, "pos_weight", pos_weight, input);
    let loss = input.f_binary_cross_entropy_with_logits(target, weight, pos_weight, reduction.into());
    check::computed(LOSS, loss)
}
