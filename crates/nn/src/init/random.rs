use tch::Tensor;

use super::InitError;
use super::error::{argument, floating_point};

/// Draws each value from the uniform distribution over `[a, b)`; PyTorch's `uniform_`, whose defaults are 0 and
/// 1.
///
/// # Errors
///
/// When `a` and `b` are not finite or `a > b`, or the tensor is not of a floating-point kind.
pub fn uniform_(tensor: &Tensor, a: f64, b: f64) -> Result<(), InitError> {
    floating_point("uniform_", tensor)?;
    argument("uniform_", "a", a, "finite and at most b", a.is_finite() && a <= b)?;
    argument("uniform_", "b", b, "finite", b.is_finite())?;
    draw_uniform(tensor, a, b);
    Ok(())
}

/// Draws each value from the normal distribution; PyTorch's `normal_`, whose defaults are mean 0 and standard
/// deviation 1.
///
/// # Errors
///
/// When `mean` is not finite or `std` is not finite or negative, or the tensor is not of a floating-point kind.
pub fn normal_(tensor: &Tensor, mean: f64, std: f64) -> Result<(), InitError> {
    floating_point("normal_", tensor)?;
    argument("normal_", "mean", mean, "finite", mean.is_finite())?;
    argument("normal_", "std", std, "finite and not negative", std.is_finite() && std >= 0.0)?;
    draw_normal(tensor, mean, std);
    Ok(())
}

/// The draw of [`uniform_`] for arguments that are known to be good.
pub(super) fn draw_uniform(tensor: &Tensor, a: f64, b: f64) {
    let _no_grad = tch::no_grad_guard();
    let _ = tensor.shallow_clone().uniform_(a, b);
}

/// The draw of [`normal_`] for arguments that are known to be good.
pub(crate) fn draw_normal(tensor: &Tensor, mean: f64, std: f64) {
    let _no_grad = tch::no_grad_guard();
    let _ = tensor.shallow_clone().normal_(mean, std);
}
