use selvedge_torch::activation;
use tch::Tensor;

use crate::misuse;

/// The input, but 0 where it lies in `[-lambd, lambd]`. PyTorch: `torch.nn.functional.hardshrink`.
///
/// ```
/// use selvedge_nn::functional;
/// use tch::Tensor;
///
/// let output = functional::hardshrink(&Tensor::from_slice(&[-1.0, 0.5, 0.75]), 0.5);
/// assert_eq!(output, Tensor::from_slice(&[-1.0, 0.0, 0.75]));
/// ```
#[track_caller]
pub fn hardshrink(input: &Tensor, lambd: f64) -> Tensor {
    misuse::torch("hardshrink", input, activation::hardshrink(input, lambd))
}

/// The input moved towards 0 by `lambd`, but not past it. PyTorch: `torch.nn.functional.softshrink`.
///
/// # Panics
///
/// When `lambd` is negative.
#[track_caller]
pub fn softshrink(input: &Tensor, lambd: f64) -> Tensor {
    misuse::torch("softshrink", input, activation::softshrink(input, lambd))
}

/// `input - tanh(input)`. PyTorch: `torch.nn.functional.tanhshrink`.
#[track_caller]
pub fn tanhshrink(input: &Tensor) -> Tensor {
    misuse::torch("tanhshrink", input, input.f_tanh().and_then(|tanh| input.f_sub(&tanh)))
}
