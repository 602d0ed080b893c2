use selvedge_torch::activation;
use tch::Tensor;

use crate::misuse;

/// `1 / (1 + exp(-input))`. PyTorch: `torch.nn.functional.sigmoid`.
///
/// ```
/// use selvedge_nn::functional;
/// use tch::Tensor;
///
/// assert_eq!(functional::sigmoid(&Tensor::from_slice(&[0.0])), Tensor::from_slice(&[0.5]));
/// ```
#[track_caller]
pub fn sigmoid(input: &Tensor) -> Tensor {
    misuse::torch("sigmoid", input, input.f_sigmoid())
}

/// The logarithm of the [`sigmoid`], computed without leaving the range of the numbers. PyTorch:
/// `torch.nn.functional.logsigmoid`.
#[track_caller]
pub fn logsigmoid(input: &Tensor) -> Tensor {
    misuse::torch("logsigmoid", input, input.f_log_sigmoid())
}

/// `input / 6 + 1 / 2`, cut to `[0, 1]`. PyTorch: `torch.nn.functional.hardsigmoid`.
#[track_caller]
pub fn hardsigmoid(input: &Tensor) -> Tensor {
    misuse::torch("hardsigmoid", input, input.f_hardsigmoid())
}

/// The hyperbolic tangent. PyTorch: `torch.nn.functional.tanh`.
#[track_caller]
pub fn tanh(input: &Tensor) -> Tensor {
    misuse::torch("tanh", input, input.f_tanh())
}

/// The input, cut to `[min_val, max_val]`. PyTorch: `torch.nn.functional.hardtanh`.
///
/// # Panics
///
/// When `min_val` is above `max_val`.
#[track_caller]
pub fn hardtanh(input: &Tensor, min_val: f64, max_val: f64) -> Tensor {
    assert!(
        min_val <= max_val,
        "hardtanh: expected min_val to be at most max_val, found {min_val} and {max_val}"
    );
    misuse::torch("hardtanh", input, activation::hardtanh(input, min_val, max_val))
}

/// The input, cut to `[0, 6]`. PyTorch: `torch.nn.functional.relu6`.
#[track_caller]
pub fn relu6(input: &Tensor) -> Tensor {
    misuse::torch("relu6", input, input.f_relu6())
}

/// `input / (1 + |input|)`. PyTorch: `torch.nn.functional.softsign`.
#[track_caller]
pub fn softsign(input: &Tensor) -> Tensor {
    let output = input.f_abs().and_then(|magnitude| input.f_div(&magnitude.f_add_scalar(1.0)?));
    misuse::torch("softsign", input, output)
}
