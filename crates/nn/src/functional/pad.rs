use tch::Tensor;

use crate::{PaddingMode, misuse};

/// Puts values around the last dimensions of an input.
///
/// `padding` gives the number of values before and after, the last dimension first, as in PyTorch; a negative
/// number cuts off. PyTorch: `torch.nn.functional.pad` with its modes other than `constant`, and with zeros.
///
/// # Panics
///
/// When the mode can not pad that many values or dimensions.
///
/// ```
/// use selvedge_nn::{PaddingMode, functional};
/// use tch::Tensor;
///
/// let row = Tensor::from_slice2(&[[1, 2, 3]]);
/// let padded = functional::pad(&row, &[2, 1], PaddingMode::Reflect);
/// assert_eq!(padded, Tensor::from_slice2(&[[3, 2, 1, 2, 3, 2]]));
/// ```
#[track_caller]
pub fn pad(input: &Tensor, padding: &[i64], mode: PaddingMode) -> Tensor {
    match mode {
        PaddingMode::Zeros => constant_pad(input, padding, 0.0),
        mode => misuse::torch("pad", input, input.f_pad(padding, mode.name(), None)),
    }
}

/// As [`pad`], with one value everywhere. PyTorch: `torch.nn.functional.pad` with mode `constant`.
///
/// # Panics
///
/// When more dimensions are padded than the input has, or more is cut off than is there.
#[track_caller]
pub fn constant_pad(input: &Tensor, padding: &[i64], value: f64) -> Tensor {
    misuse::torch("pad", input, input.f_pad(padding, "constant", value))
}
