use tch::Tensor;

use crate::misuse;

/// The hyperbolic tangent of each value. PyTorch: `torch.nn.functional.tanh`.
#[track_caller]
pub fn tanh(input: &Tensor) -> Tensor {
    misuse::torch("tanh", input, input.f_tanh())
}
