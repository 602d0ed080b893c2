use tch::Tensor;

use super::InitError;
use super::error::shape;

/// Which count of connections the variance is divided by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum FanMode {
    /// The inputs of each output, which keeps the variance in the forward pass. PyTorch's default.
    #[default]
    FanIn,
    /// The outputs of each input, which keeps it in the backward pass.
    FanOut,
}

impl FanMode {
    pub(super) fn of(self, tensor: &Tensor) -> Result<i64, InitError> {
        let (fan_in, fan_out) = fan_in_and_fan_out(tensor)?;
        Ok(match self {
            Self::FanIn => fan_in,
            Self::FanOut => fan_out,
        })
    }
}

/// The inputs of each output and the outputs of each input of a weight of shape `[out, in, kernel...]`; PyTorch's
/// `_calculate_fan_in_and_fan_out`.
///
/// # Errors
///
/// When the tensor has fewer than 2 dimensions.
pub fn fan_in_and_fan_out(tensor: &Tensor) -> Result<(i64, i64), InitError> {
    shape("fan_in_and_fan_out", tensor, "2 dimensions or more", |size| size.len() >= 2)?;
    let size = tensor.size();
    let receptive_field: i64 = size[2..].iter().product();
    Ok((size[1] * receptive_field, size[0] * receptive_field))
}
