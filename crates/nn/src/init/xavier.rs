use tch::Tensor;

use super::error::{argument, floating_point};
use super::random::{draw_normal, draw_uniform};
use super::{InitError, fan_in_and_fan_out};

/// Draws from the uniform distribution over `±gain · √(6 / (fan_in + fan_out))`; PyTorch's `xavier_uniform_`,
/// whose default gain is 1, by Glorot and Bengio, 2010. An empty tensor is left as it is.
///
/// # Errors
///
/// When the tensor has fewer than 2 dimensions or is not of a floating-point kind, or `gain` is negative or not
/// finite.
pub fn xavier_uniform_(tensor: &Tensor, gain: f64) -> Result<(), InitError> {
    if let Some(std) = deviation("xavier_uniform_", tensor, gain)? {
        let bound = 3f64.sqrt() * std;
        draw_uniform(tensor, -bound, bound);
    }
    Ok(())
}

/// Draws from the normal distribution of mean 0 and standard deviation `gain · √(2 / (fan_in + fan_out))`;
/// PyTorch's `xavier_normal_`, whose default gain is 1, by Glorot and Bengio, 2010. An empty tensor is left as it
/// is.
///
/// # Errors
///
/// When the tensor has fewer than 2 dimensions or is not of a floating-point kind, or `gain` is negative or not
/// finite.
pub fn xavier_normal_(tensor: &Tensor, gain: f64) -> Result<(), InitError> {
    if let Some(std) = deviation("xavier_normal_", tensor, gain)? {
        draw_normal(tensor, 0.0, std);
    }
    Ok(())
}

fn deviation(function: &'static str, tensor: &Tensor, gain: f64) -> Result<Option<f64>, InitError> {
    floating_point(function, tensor)?;
    argument(function, "gain", gain, "finite and not negative", gain.is_finite() && gain >= 0.0)?;
    let (fan_in, fan_out) = fan_in_and_fan_out(tensor)?;
    Ok((tensor.numel() > 0).then(|| gain * (2.0 / (fan_in + fan_out) as f64).sqrt()))
}
