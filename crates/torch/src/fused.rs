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

use std::borrow::Borrow;
use std::ffi::c_char;

use tch::Tensor;
use torch_sys::C_tensor;

use crate::Result;
use crate::border::{Pointers, Tensors, check, optional};

/// Adds 1 to counts of steps, before the step of a fused kernel that reads them: one f32 value each.
///
/// On the CPU it is an addition for each, without an operation of libtorch's.
///
/// # Errors
///
/// When a tensor is not one f32 value; nothing was changed then.
///
/// ```
/// let step = tch::Tensor::from(4.0f32);
/// selvedge_torch::count_steps(&[&step])?;
/// assert_eq!(step.double_value(&[]), 5.0);
/// assert!(selvedge_torch::count_steps(&[tch::Tensor::from(4_i64)]).is_err());
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
pub fn count_steps(steps: &[impl Borrow<Tensor>]) -> Result<()> {
    let steps = Pointers::new(steps);
    // SAFETY: all pointers are to tensors that outlive the call; the shim checks the rest.
    let message = unsafe { selvedge_count_steps(steps.raw()) };
    check("_foreach_add_", message)
}

unsafe extern "C" {
    fn selvedge_count_steps(steps: Tensors) -> *mut c_char;
}

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
