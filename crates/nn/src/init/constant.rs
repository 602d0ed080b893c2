use tch::Tensor;

use super::InitError;
use super::error::{argument, shape};

/// Sets each value to `value`; PyTorch's `constant_`.
pub fn constant_(tensor: &Tensor, value: f64) {
    let _no_grad = tch::no_grad_guard();
    let _ = tensor.shallow_clone().fill_(value);
}

/// Sets each value to 1; PyTorch's `ones_`.
pub fn ones_(tensor: &Tensor) {
    constant_(tensor, 1.0);
}

/// Sets each value to 0; PyTorch's `zeros_`.
pub fn zeros_(tensor: &Tensor) {
    constant_(tensor, 0.0);
}

/// Writes the identity matrix, so that a linear layer passes on as many of its inputs as it has outputs;
/// PyTorch's `eye_`.
///
/// # Errors
///
/// When the tensor has not 2 dimensions.
pub fn eye_(tensor: &Tensor) -> Result<(), InitError> {
    shape("eye_", tensor, "2 dimensions", |size| size.len() == 2)?;
    let _no_grad = tch::no_grad_guard();
    let size = tensor.size();
    tensor.shallow_clone().copy_(&Tensor::eye_m(size[0], size[1], (tensor.kind(), tensor.device())));
    Ok(())
}

/// Writes kernels that pass on the middle of each channel, so that a convolution preserves as many of its input
/// channels as it can, in each of its `groups`; PyTorch's `dirac_`, whose default is one group.
///
/// # Errors
///
/// When the tensor has not 3, 4 or 5 dimensions, or `groups` is not positive or does not divide the first.
pub fn dirac_(tensor: &Tensor, groups: i64) -> Result<(), InitError> {
    shape("dirac_", tensor, "3, 4 or 5 dimensions", |size| (3..=5).contains(&size.len()))?;
    let size = tensor.size();
    argument(
        "dirac_",
        "groups",
        groups as f64,
        "positive and a divisor of the output channels",
        groups > 0 && size[0] % groups == 0,
    )?;
    let _no_grad = tch::no_grad_guard();
    zeros_(tensor);
    let per_group = size[0] / groups;
    for group in 0..groups {
        for channel in 0..per_group.min(size[1]) {
            let kernel = tensor.get(group * per_group + channel).get(channel);
            let mut middle = size[2..].iter().fold(kernel, |part, length| part.get(length / 2));
            let _ = middle.fill_(1.0);
        }
    }
    Ok(())
}
