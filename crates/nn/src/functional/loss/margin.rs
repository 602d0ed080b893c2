use tch::Tensor;

use super::{Reduction, check, pointwise::of_equal_sizes};

/// Logistic loss of a score against a target of 1 or -1: `ln(1 + exp(-target · input))`. PyTorch's
/// `soft_margin_loss`.
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
/// use selvedge_nn::functional::{Reduction, soft_margin_loss};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.0, 0.0]), Tensor::from_slice(&[1.0, -1.0]));
/// let loss = soft_margin_loss(&input, &target, Reduction::Mean);
/// assert!((loss.double_value(&[]) - 2_f64.ln()).abs() < 1e-12);
/// ```
#[track_caller]
pub fn soft_margin_loss(input: &Tensor, target: &Tensor, reduction: Reduction) -> Tensor {
    of_equal_sizes("soft_margin_loss", input, target, || input.f_soft_margin_loss(target, reduction.into()))
}

/// Loss of two scores in the wrong order: `max(0, margin - target · (input1 - input2))`. PyTorch's
/// `margin_ranking_loss`.
///
/// A target of 1 says that the first score should be the higher one, -1 the second.
///
/// # Shapes
///
/// All three of the same size, whatever it is.
///
/// # Panics
///
/// When the sizes differ. Differs from PyTorch: it broadcasts them.
///
/// ```
/// use selvedge_nn::functional::{Reduction, margin_ranking_loss};
/// use tch::Tensor;
///
/// let (first, second) = (Tensor::from_slice(&[1.0, 2.0]), Tensor::from_slice(&[3.0, 1.0]));
/// let target = Tensor::from_slice(&[1.0, 1.0]);
/// let loss = margin_ranking_loss(&first, &second, &target, 0.0, Reduction::Sum);
/// assert_eq!(loss.double_value(&[]), 2.0);
/// ```
#[track_caller]
pub fn margin_ranking_loss(
    input1: &Tensor,
    input2: &Tensor,
    target: &Tensor,
    margin: f64,
    reduction: Reduction,
) -> Tensor {
    const LOSS: &str = "margin_ranking_loss";
    check::same_size(LOSS, ("first input", input1), ("second input", input2));
    check::same_size(LOSS, ("input", input1), ("target", target));
    check::computed(LOSS, Tensor::f_margin_ranking_loss(input1, input2, target, margin, reduction.into()))
}

/// Cross entropy of several yes-or-no labels, `p = sigmoid(input)`, averaged over the classes:
/// `-Σ weight · (target · ln p + (1 - target) · ln(1 - p)) / C`. PyTorch's `multilabel_soft_margin_loss`.
///
/// # Shapes
///
/// `input` and `target` `[..., C]`, `weight` `[C]`.
///
/// # Panics
///
/// When a size is another.
///
/// ```
/// use selvedge_nn::functional::{Reduction, multilabel_soft_margin_loss};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.0, 0.0]), Tensor::from_slice(&[1.0, 0.0]));
/// let loss = multilabel_soft_margin_loss(&input, &target, None, Reduction::Mean);
/// assert!((loss.double_value(&[]) - 2_f64.ln()).abs() < 1e-12);
/// ```
#[track_caller]
pub fn multilabel_soft_margin_loss(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    reduction: Reduction,
) -> Tensor {
    const LOSS: &str = "multilabel_soft_margin_loss";
    check::same_size(LOSS, ("input", input), ("target", target));
    let size = input.size();
    let Some(&classes) = size.last() else {
        panic!("{LOSS}: expected input of size [..., C], found {size:?}")
    };
    check::class_weight(LOSS, weight, classes);
    let likelihood: Tensor = target * input.log_sigmoid() + (1.0 - target) * (-input).log_sigmoid();
    let loss = -likelihood;
    let loss = match weight {
        Some(weight) => loss * weight,
        None => loss,
    };
    reduction.apply(&(loss.sum_dim_intlist(-1, false, None) / classes))
}
