use tch::Tensor;

use crate::misuse;

/// `exp(input) / Σ exp(input)` along a dimension: values in `[0, 1]` that sum to 1.
///
/// `dim` is a dimension, or `None` for PyTorch's implicit choice: the first for inputs of 0, 1 or 3
/// dimensions, otherwise the second. PyTorch: `torch.nn.functional.softmax`, which warns of the implicit
/// choice.
///
/// # Panics
///
/// When the input has no such dimension.
///
/// ```
/// use selvedge_nn::functional;
/// use tch::Tensor;
///
/// let input = Tensor::from_slice2(&[[0.0, 0.0], [1.0, 1.0]]);
/// let output = functional::softmax(&input, 1);
/// assert_eq!(output, Tensor::from_slice2(&[[0.5, 0.5], [0.5, 0.5]]));
/// ```
#[track_caller]
pub fn softmax(input: &Tensor, dim: impl Into<Option<i64>>) -> Tensor {
    misuse::torch("softmax", input, input.f_softmax(dimension(input, dim.into()), None))
}

/// The logarithm of the [`softmax`], computed without leaving the range of the numbers.
///
/// `dim` as there. PyTorch: `torch.nn.functional.log_softmax`.
///
/// # Panics
///
/// When the input has no such dimension.
#[track_caller]
pub fn log_softmax(input: &Tensor, dim: impl Into<Option<i64>>) -> Tensor {
    misuse::torch("log_softmax", input, input.f_log_softmax(dimension(input, dim.into()), None))
}

/// The [`softmax`] of `-input`: the smallest value gets the largest share.
///
/// `dim` as there. PyTorch: `torch.nn.functional.softmin`.
///
/// # Panics
///
/// When the input has no such dimension.
#[track_caller]
pub fn softmin(input: &Tensor, dim: impl Into<Option<i64>>) -> Tensor {
    let dim = dimension(input, dim.into());
    misuse::torch("softmin", input, input.f_neg().and_then(|negated| negated.f_softmax(dim, None)))
}

/// The dimension PyTorch means where none is given.
pub(crate) fn dimension(input: &Tensor, dim: Option<i64>) -> i64 {
    dim.unwrap_or(match input.dim() {
        0 | 1 | 3 => 0,
        _ => 1,
    })
}
