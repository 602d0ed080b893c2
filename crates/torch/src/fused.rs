//! A whole optimizer step over a list of tensors in one kernel, on CPU and CUDA.
//!
//! The tensors of a call are floating, dense, of one kind and on one device, each state tensor laid out like its
//! parameter; what is not is refused. No graph is recorded.

mod adagrad;
mod adam;
mod sgd;

pub use adagrad::FusedAdagrad;
pub use adam::{AdamState, FusedAdam};
pub use sgd::FusedSgd;

use tch::Tensor;
use torch_sys::C_tensor;

use crate::border::optional;

/// What a gradient scaler (automatic mixed precision) hands to a fused step. Each is one f32 value on the device
/// of the parameters.
#[derive(Debug, Clone, Copy, Default)]
pub struct GradientScaling<'a> {
    /// The gradients are divided by it, in place. Default: `None`.
    pub grad_scale: Option<&'a Tensor>,
    /// Where it is 1, the step changes nothing. Default: `None`.
    pub found_inf: Option<&'a Tensor>,
}

impl GradientScaling<'_> {
    fn pointers(self) -> (*mut C_tensor, *mut C_tensor) {
        (optional(self.grad_scale), optional(self.found_inf))
    }
}
