use tch::Tensor;

use super::error::{argument, floating_point};
use super::random::{draw_normal, draw_uniform};
use super::{FanMode, InitError, Nonlinearity, calculate_gain};

/// Draws from the uniform distribution over `±gain · √(3 / fan)`; PyTorch's `kaiming_uniform_`, by He et al.,
/// Delving Deep into Rectifiers, 2015. An empty tensor is left as it is.
///
/// Differs from PyTorch: its `a` is the slope of [`Nonlinearity::LeakyRelu`].
///
/// # Errors
///
/// When the tensor has fewer than 2 dimensions or is not of a floating-point kind, or a slope is not finite.
///
/// ```
/// use selvedge_nn::init::{FanMode, Nonlinearity, kaiming_uniform_};
/// use tch::{Device, Kind, Tensor};
///
/// let weight = Tensor::empty([64, 3, 3, 3], (Kind::Float, Device::Cpu));
/// kaiming_uniform_(&weight, FanMode::FanOut, Nonlinearity::Relu)?;
/// assert!(weight.abs().max().double_value(&[]) <= (6f64 / (64.0 * 9.0)).sqrt());
/// # Ok::<(), selvedge_nn::init::InitError>(())
/// ```
pub fn kaiming_uniform_(tensor: &Tensor, mode: FanMode, nonlinearity: Nonlinearity) -> Result<(), InitError> {
    if let Some(std) = deviation("kaiming_uniform_", tensor, mode, nonlinearity)? {
        let bound = 3f64.sqrt() * std;
        draw_uniform(tensor, -bound, bound);
    }
    Ok(())
}

/// Draws from the normal distribution of mean 0 and standard deviation `gain / √fan`; PyTorch's
/// `kaiming_normal_`, by He et al., 2015. An empty tensor is left as it is.
///
/// Differs from PyTorch: its `a` is the slope of [`Nonlinearity::LeakyRelu`].
///
/// # Errors
///
/// When the tensor has fewer than 2 dimensions or is not of a floating-point kind, or a slope is not finite.
pub fn kaiming_normal_(tensor: &Tensor, mode: FanMode, nonlinearity: Nonlinearity) -> Result<(), InitError> {
    if let Some(std) = deviation("kaiming_normal_", tensor, mode, nonlinearity)? {
        draw_normal(tensor, 0.0, std);
    }
    Ok(())
}

fn deviation(
    function: &'static str,
    tensor: &Tensor,
    mode: FanMode,
    nonlinearity: Nonlinearity,
) -> Result<Option<f64>, InitError> {
    floating_point(function, tensor)?;
    if let Nonlinearity::LeakyRelu { negative_slope } = nonlinearity {
        argument(function, "negative_slope", negative_slope, "finite", negative_slope.is_finite())?;
    }
    let fan = mode.of(tensor)?;
    Ok((tensor.numel() > 0).then(|| calculate_gain(nonlinearity) / (fan as f64).sqrt()))
}
