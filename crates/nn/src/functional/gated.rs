use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::misuse;

/// `input · sigmoid(input)`, also known as swish. PyTorch: `torch.nn.functional.silu`.
///
/// ```
/// use selvedge_nn::functional;
/// use tch::Tensor;
///
/// assert_eq!(functional::silu(&Tensor::from_slice(&[0.0])), Tensor::from_slice(&[0.0]));
/// ```
#[track_caller]
pub fn silu(input: &Tensor) -> Tensor {
    misuse::torch("silu", input, input.f_silu())
}

/// `input · tanh(softplus(input))`. PyTorch: `torch.nn.functional.mish`.
#[track_caller]
pub fn mish(input: &Tensor) -> Tensor {
    misuse::torch("mish", input, input.f_mish())
}

/// `input · hardsigmoid(input)`. PyTorch: `torch.nn.functional.hardswish`.
#[track_caller]
pub fn hardswish(input: &Tensor) -> Tensor {
    misuse::torch("hardswish", input, input.f_hardswish())
}

/// `input · Φ(input)`, where Φ is the distribution function of the normal distribution. PyTorch:
/// `torch.nn.functional.gelu`.
#[track_caller]
pub fn gelu(input: &Tensor, approximate: GeluApproximate) -> Tensor {
    misuse::torch("gelu", input, input.f_gelu(approximate.name()))
}

/// The first half of a dimension, times the [`sigmoid`](crate::functional::sigmoid) of the second. PyTorch:
/// `torch.nn.functional.glu`.
///
/// # Panics
///
/// When the input has no such dimension, or its length is odd.
#[track_caller]
pub fn glu(input: &Tensor, dim: i64) -> Tensor {
    misuse::torch("glu", input, input.f_glu(dim))
}

/// How [`gelu`] computes Φ; PyTorch's `approximate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GeluApproximate {
    /// By the error function.
    #[default]
    None,
    /// `(1 + tanh(√(2/π) · (input + 0.044715 · input³))) / 2`.
    Tanh,
}

impl GeluApproximate {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Tanh => "tanh",
        }
    }
}
