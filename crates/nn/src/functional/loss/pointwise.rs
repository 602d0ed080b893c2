use tch::Tensor;

use super::{Reduction, check};

/// Squared differences: `(input - target)²`. PyTorch's `mse_loss`.
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
/// use selvedge_nn::functional::{Reduction, mse_loss};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[1.0, 2.0]), Tensor::from_slice(&[1.0, 4.0]));
/// assert_eq!(mse_loss(&input, &target, Reduction::Mean).double_value(&[]), 2.0);
/// ```
#[track_caller]
pub fn mse_loss(input: &Tensor, target: &Tensor, reduction: Reduction) -> Tensor {
    const LOSS: &str = "mse_loss";
    check::same_size(LOSS, ("input", input), ("target", target));
    check::computed(LOSS, input.f_mse_loss(target, reduction.into()))
}
