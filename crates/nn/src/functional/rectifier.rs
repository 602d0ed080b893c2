use selvedge_torch::activation;
use tch::Tensor;

use crate::{Mode, misuse};

/// `max(0, input)`, value by value. PyTorch: `torch.nn.functional.relu`.
///
/// ```
/// use selvedge_nn::functional;
/// use tch::Tensor;
///
/// let output = functional::relu(&Tensor::from_slice(&[-1.0, 0.0, 2.0]));
/// assert_eq!(output, Tensor::from_slice(&[0.0, 0.0, 2.0]));
/// ```
#[track_caller]
pub fn relu(input: &Tensor) -> Tensor {
    misuse::torch("relu", input, input.f_relu())
}

/// Values above 0 as they are, others times `negative_slope`. PyTorch: `torch.nn.functional.leaky_relu`.
#[track_caller]
pub fn leaky_relu(input: &Tensor, negative_slope: f64) -> Tensor {
    misuse::torch("leaky_relu", input, activation::leaky_relu(input, negative_slope))
}

/// Values above 0 as they are, others times a slope, which is drawn from U(lower, upper) for each value in
/// [`Mode::Train`] and the middle of the two in [`Mode::Eval`]. PyTorch: `torch.nn.functional.rrelu`.
///
/// # Panics
///
/// When `lower` is above `upper`.
#[track_caller]
pub fn rrelu(input: &Tensor, lower: f64, upper: f64, mode: Mode) -> Tensor {
    assert!(lower <= upper, "rrelu: expected lower to be at most upper, found {lower} and {upper}");
    misuse::torch("rrelu", input, activation::rrelu(input, lower, upper, mode.is_train()))
}

/// Values above 0 as they are, others times a slope from `weight`, one for all or one for each channel, the
/// second dimension. PyTorch: `torch.nn.functional.prelu`.
///
/// # Panics
///
/// When `weight` is neither one value nor one for each channel.
#[track_caller]
pub fn prelu(input: &Tensor, weight: &Tensor) -> Tensor {
    misuse::torch("prelu", input, input.f_prelu(weight))
}

/// Values above `threshold` as they are, `value` for the others. PyTorch: `torch.nn.functional.threshold`.
#[track_caller]
pub fn threshold(input: &Tensor, threshold: f64, value: f64) -> Tensor {
    misuse::torch("threshold", input, input.f_threshold(threshold, value))
}

/// Values above 0 as they are, `alpha · (exp(input) - 1)` for the others. PyTorch: `torch.nn.functional.elu`.
#[track_caller]
pub fn elu(input: &Tensor, alpha: f64) -> Tensor {
    misuse::torch("elu", input, activation::elu(input, alpha))
}

/// Values above 0 as they are, `alpha · (exp(input / alpha) - 1)` for the others, so that the derivative has no
/// jump. PyTorch: `torch.nn.functional.celu`.
///
/// # Panics
///
/// When `alpha` is 0.
#[track_caller]
pub fn celu(input: &Tensor, alpha: f64) -> Tensor {
    misuse::torch("celu", input, activation::celu(input, alpha))
}

/// `scale · elu(input, alpha)` with the two constants that keep mean 0 and variance 1 through many layers.
/// PyTorch: `torch.nn.functional.selu`.
#[track_caller]
pub fn selu(input: &Tensor) -> Tensor {
    misuse::torch("selu", input, input.f_selu())
}

/// `ln(1 + exp(beta · input)) / beta`, and the input itself where `beta · input` is above `threshold`. PyTorch:
/// `torch.nn.functional.softplus`.
#[track_caller]
pub fn softplus(input: &Tensor, beta: f64, threshold: f64) -> Tensor {
    misuse::torch("softplus", input, activation::softplus(input, beta, threshold))
}
