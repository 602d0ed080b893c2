use tch::Tensor;

use super::{Reduction, check, pointwise::of_equal_sizes};

/// Loss of a distance, by whether the two are alike: `input` where the target is 1, `max(0, margin - input)`
/// where it is -1. PyTorch's `hinge_embedding_loss`.
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
/// use selvedge_nn::functional::{Reduction, hinge_embedding_loss};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.5, 0.25]), Tensor::from_slice(&[1.0, -1.0]));
/// let loss = hinge_embedding_loss(&input, &target, 1.0, Reduction::Sum);
/// assert_eq!(loss.double_value(&[]), 1.25);
/// ```
#[track_caller]
pub fn hinge_embedding_loss(input: &Tensor, target: &Tensor, margin: f64, reduction: Reduction) -> Tensor {
    of_equal_sizes("hinge_embedding_loss", input, target, || {
        input.f_hinge_embedding_loss(target, margin, reduction.into())
    })
}

/// Loss of the cosine of two vectors, by whether they are alike: `1 - cos` where the target is 1,
/// `max(0, cos - margin)` where it is -1. PyTorch's `cosine_embedding_loss`.
///
/// # Shapes
///
/// `input1` and `input2` `[D]` or `[N, D]`, `target` `[]` or `[N]`.
///
/// # Panics
///
/// When a size is another.
///
/// ```
/// use selvedge_nn::functional::{Reduction, cosine_embedding_loss};
/// use tch::Tensor;
///
/// let (first, second) = (Tensor::from_slice(&[1.0, 0.0]), Tensor::from_slice(&[0.0, 2.0]));
/// let loss = cosine_embedding_loss(&first, &second, &Tensor::from(1.0), 0.0, Reduction::Mean);
/// assert_eq!(loss.double_value(&[]), 1.0);
/// ```
#[track_caller]
pub fn cosine_embedding_loss(
    input1: &Tensor,
    input2: &Tensor,
    target: &Tensor,
    margin: f64,
    reduction: Reduction,
) -> Tensor {
    const LOSS: &str = "cosine_embedding_loss";
    check::same_size(LOSS, ("first input", input1), ("second input", input2));
    let size = input1.size();
    assert!(matches!(size.len(), 1 | 2), "{LOSS}: expected inputs of size [D] or [N, D], found {size:?}");
    check::size(LOSS, "target", target, &size[..size.len() - 1]);
    check::computed(LOSS, Tensor::f_cosine_embedding_loss(input1, input2, target, margin, reduction.into()))
}
