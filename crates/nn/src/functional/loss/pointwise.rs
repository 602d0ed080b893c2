use tch::{TchError, Tensor};

use super::{Reduction, check};

/// Absolute differences: `|input - target|`. PyTorch's `l1_loss`.
///
/// # Shapes
///
/// `input` and `target` of the same size, whatever it is.
///
/// # Panics
///
/// When the sizes differ. Differs from PyTorch: it broadcasts them.
///
/// A target of another kind, such as integers, is promoted to that of the input, as in PyTorch.
///
/// ```
/// use selvedge_nn::functional::{Reduction, l1_loss};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[1.0, 2.0]), Tensor::from_slice(&[1.0, 5.0]));
/// assert_eq!(l1_loss(&input, &target, Reduction::Mean).double_value(&[]), 1.5);
/// ```
#[track_caller]
pub fn l1_loss(input: &Tensor, target: &Tensor, reduction: Reduction) -> Tensor {
    of_equal_sizes("l1_loss", input, target, || input.f_l1_loss(target, reduction.into()))
}

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
/// A target of another kind, such as integers, is promoted to that of the input, as in PyTorch.
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
    of_equal_sizes("mse_loss", input, target, || input.f_mse_loss(target, reduction.into()))
}

/// With `d = |input - target|`: `d² / 2beta` where `d < beta`, else `d - beta / 2`. PyTorch's
/// `smooth_l1_loss`.
///
/// With `beta` 0 it is [`l1_loss`].
///
/// # Shapes
///
/// `input` and `target` of the same size, whatever it is.
///
/// # Panics
///
/// When the sizes differ, which PyTorch broadcasts, or when `beta` is negative.
///
/// ```
/// use selvedge_nn::functional::{Reduction, smooth_l1_loss};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[1.0, 2.0]), Tensor::from_slice(&[1.5, 5.0]));
/// assert_eq!(smooth_l1_loss(&input, &target, 1.0, Reduction::Sum).double_value(&[]), 0.125 + 2.5);
/// ```
#[track_caller]
pub fn smooth_l1_loss(input: &Tensor, target: &Tensor, beta: f64, reduction: Reduction) -> Tensor {
    const LOSS: &str = "smooth_l1_loss";
    assert!(beta >= 0.0, "{LOSS}: expected a beta that is not negative, found {beta}");
    of_equal_sizes(LOSS, input, target, || {
        // The kernel divides by beta.
        if beta == 0.0 {
            input.f_l1_loss(target, reduction.into())
        } else {
            input.f_smooth_l1_loss(target, reduction.into(), beta)
        }
    })
}

/// With `d = |input - target|`: `d² / 2` where `d < delta`, else `delta · (d - delta / 2)`. PyTorch's
/// `huber_loss`.
///
/// # Shapes
///
/// `input` and `target` of the same size, whatever it is.
///
/// # Panics
///
/// When the sizes differ, which PyTorch broadcasts, the kinds differ, where PyTorch's backward fails, or when `delta` is
/// not positive.
///
/// ```
/// use selvedge_nn::functional::{Reduction, huber_loss};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[1.0, 2.0]), Tensor::from_slice(&[2.0, 5.0]));
/// assert_eq!(huber_loss(&input, &target, 2.0, Reduction::Sum).double_value(&[]), 0.5 + 4.0);
/// ```
#[track_caller]
pub fn huber_loss(input: &Tensor, target: &Tensor, delta: f64, reduction: Reduction) -> Tensor {
    const LOSS: &str = "huber_loss";
    assert!(delta > 0.0, "{LOSS}: expected a positive delta, found {delta}");
    check::same_kind(LOSS, ("input", input), ("target", target));
    of_equal_sizes(LOSS, input, target, || input.f_huber_loss(target, reduction.into(), delta))
}

#[track_caller]
pub(super) fn of_equal_sizes(
    loss: &str,
    input: &Tensor,
    target: &Tensor,
    compute: impl FnOnce() -> Result<Tensor, TchError>,
) -> Tensor {
    check::same_size(loss, ("input", input), ("target", target));
    check::computed(loss, compute())
}
