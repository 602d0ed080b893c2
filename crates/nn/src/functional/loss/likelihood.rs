use std::f64::consts::PI;

use tch::{Device, Tensor};

use super::{Reduction, check, pointwise::of_equal_sizes};

/// Negative log-likelihood of counts under a Poisson distribution: `exp(input) - target · input`, or
/// `input - target · ln(input + eps)` without `log_input`. PyTorch's `poisson_nll_loss`.
///
/// `full` adds Stirling's approximation of `ln target!` where the target is above 1:
/// `target · ln target - target + ln(2π · target) / 2`.
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
/// use selvedge_nn::functional::{Reduction, poisson_nll_loss};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.0, 0.0]), Tensor::from_slice(&[3.0, 1.0]));
/// let loss = poisson_nll_loss(&input, &target, true, false, 1e-8, Reduction::Mean);
/// assert_eq!(loss.double_value(&[]), 1.0);
/// ```
#[track_caller]
pub fn poisson_nll_loss(
    input: &Tensor,
    target: &Tensor,
    log_input: bool,
    full: bool,
    eps: f64,
    reduction: Reduction,
) -> Tensor {
    of_equal_sizes("poisson_nll_loss", input, target, || {
        input.f_poisson_nll_loss(target, log_input, full, eps, reduction.into())
    })
}

/// Negative log-likelihood under normal distributions with the means `input` and the variances `variance`:
/// `(ln v + (input - target)² / v) / 2`, where `v = max(variance, eps)`. PyTorch's `gaussian_nll_loss`.
///
/// `full` adds `ln(2π) / 2`. The gradient passes through the maximum, as in PyTorch.
///
/// # Shapes
///
/// `input` and `target` of the same size, whatever it is; `variance` of that size, or with one length of 1
/// instead, or without the last length.
///
/// # Panics
///
/// When a size is another, or on the CPU when a variance is negative. Differs from PyTorch: it checks the
/// variances on every device, which waits for the device, and broadcasts the target.
///
/// ```
/// use selvedge_nn::functional::{Reduction, gaussian_nll_loss};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.0, 1.0]), Tensor::from_slice(&[2.0, 1.0]));
/// let variance = Tensor::from_slice(&[1.0, 1.0]);
/// let loss = gaussian_nll_loss(&input, &target, &variance, false, 1e-6, Reduction::Sum);
/// assert_eq!(loss.double_value(&[]), 2.0);
/// ```
#[track_caller]
pub fn gaussian_nll_loss(
    input: &Tensor,
    target: &Tensor,
    variance: &Tensor,
    full: bool,
    eps: f64,
    reduction: Reduction,
) -> Tensor {
    const LOSS: &str = "gaussian_nll_loss";
    check::same_size(LOSS, ("input", input), ("target", target));
    let (size, found) = (input.size(), variance.size());
    let without_last = size.split_last().is_some_and(|(_, others)| others == found);
    let one_length_of_1 = size.len() == found.len() && {
        let mut unequal = size.iter().zip(&found).filter(|(expected, found)| expected != found);
        unequal.next().is_none_or(|(_, &found)| found == 1) && unequal.next().is_none()
    };
    assert!(
        without_last || one_length_of_1,
        "{LOSS}: expected variance of size {size:?}, with at most one length 1 instead, or without the last \
         length, found {found:?}"
    );
    if variance.device() == Device::Cpu && variance.numel() > 0 {
        let lowest = variance.min().double_value(&[]);
        assert!(lowest >= 0.0 || lowest.is_nan(), "{LOSS}: expected no negative variance, found {lowest}");
    }
    let variance = if without_last { variance.unsqueeze(-1) } else { variance.shallow_clone() }.copy();
    {
        let _no_grad = tch::no_grad_guard();
        let _ = variance.shallow_clone().clamp_min_(eps);
    }
    let difference = input - target;
    let loss: Tensor = (variance.log() + &difference * &difference / &variance) * 0.5;
    let loss = if full { loss + 0.5 * (2.0 * PI).ln() } else { loss };
    reduction.apply(&loss)
}
