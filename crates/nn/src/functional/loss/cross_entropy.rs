use tch::Tensor;

use super::{Reduction, check};

/// Negative log-likelihood of the target classes: `-weight[target] · input[target]`. PyTorch's `nll_loss`.
///
/// `input` holds log-probabilities. Targets equal to `ignore_index` count nothing, neither in the loss nor in
/// the mean, which divides by the sum of the weights of the others.
///
/// # Shapes
///
/// `input` `[C]` or `[N, C, d1, ...]`, `target` `[]` or `[N, d1, ...]` of kind `Int64`, `weight` `[C]`.
///
/// # Panics
///
/// When a size or kind is another, or on the CPU when a target is out of range.
///
/// ```
/// use selvedge_nn::functional::{Reduction, nll_loss};
/// use tch::Tensor;
///
/// let input = Tensor::from_slice(&[-0.5, -1.5, -2.5, -0.25]).reshape([2, 2]);
/// let target = Tensor::from_slice(&[0_i64, 1]);
/// assert_eq!(nll_loss(&input, &target, None, -100, Reduction::Sum).double_value(&[]), 0.75);
/// ```
#[track_caller]
pub fn nll_loss(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    ignore_index: i64,
    reduction: Reduction,
) -> Tensor {
    const LOSS: &str = "nll_loss";
    check::class_weight(LOSS, weight, check::classes(LOSS, input));
    check::indices(LOSS, "target", target);
    check::size(LOSS, "target", target, &check::size_of_indices(input));
    check::computed(LOSS, input.f_nll_loss_nd(target, weight, reduction.into(), ignore_index))
}

/// Cross entropy between the target and the softmax of the input: `-Σ target · log softmax(input)`. PyTorch's
/// `cross_entropy`.
///
/// `input` holds logits. A target of the input's size holds probabilities, any other class indices, of which
/// those equal to `ignore_index` count nothing. `label_smoothing` mixes the target with the uniform
/// distribution: `(1 - label_smoothing) · target + label_smoothing / C`.
///
/// # Shapes
///
/// `input` `[C]` or `[N, C, d1, ...]`; `target` `[]` or `[N, d1, ...]` of kind `Int64`, or the size and kind
/// of `input`; `weight` `[C]`.
///
/// # Panics
///
/// When a size or kind is another, when `label_smoothing` is not within 0 and 1, or on the CPU when a target
/// is out of range.
///
/// ```
/// use selvedge_nn::functional::{Reduction, cross_entropy};
/// use tch::{Kind, Tensor};
///
/// let input = Tensor::zeros([1, 4], (Kind::Double, tch::Device::Cpu));
/// let target = Tensor::from_slice(&[2_i64]);
/// let loss = cross_entropy(&input, &target, None, -100, 0.0, Reduction::Mean);
/// assert!((loss.double_value(&[]) - 4_f64.ln()).abs() < 1e-12);
/// ```
#[track_caller]
pub fn cross_entropy(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    ignore_index: i64,
    label_smoothing: f64,
    reduction: Reduction,
) -> Tensor {
    const LOSS: &str = "cross_entropy";
    check::class_weight(LOSS, weight, check::classes(LOSS, input));
    if input.size() == target.size() {
        check::floating(LOSS, "target probabilities (the target has the input's size)", target);
    } else {
        check::indices(LOSS, "target", target);
        check::size(LOSS, "target", target, &check::size_of_indices(input));
    }
    check::computed(
        LOSS,
        input.f_cross_entropy_loss(target, weight, reduction.into(), ignore_index, label_smoothing),
    )
}
