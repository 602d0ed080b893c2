use std::ffi::{c_char, c_int};

use tch::Tensor;
use torch_sys::C_tensor;

use crate::border::check;

/// Removes the gradient of a tensor, as `tensor.grad = None` does in Python.
///
/// ```
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, 2.0]).set_requires_grad(true);
/// weight.sum(tch::Kind::Float).backward();
/// assert!(weight.grad().defined());
/// selvedge_torch::clear_gradient(&weight);
/// assert!(!weight.grad().defined());
/// ```
pub fn clear_gradient(tensor: &Tensor) {
    // SAFETY: the pointer is to a tensor that outlives the call.
    let message = unsafe { selvedge_clear_gradient(tensor.as_ptr().cast_mut()) };
    check("clear_gradient", message).expect("a tensor can be without a gradient");
}

/// Whether two handles are of the same tensor, as Python's `is` tells; two views of one memory are not.
#[must_use]
pub fn is_same(first: &Tensor, second: &Tensor) -> bool {
    // SAFETY: both pointers are to tensors that outlive the call, which compares what they point to.
    unsafe { selvedge_is_same(first.as_ptr(), second.as_ptr()) }
}

/// Records graphs until it is dropped, also where a caller holds a [`tch::NoGradGuard`].
///
/// `tch::with_grad` does it for a closure, whose panics name its own line.
#[derive(Debug)]
#[must_use = "graphs are recorded until it is dropped"]
pub struct GradGuard {
    before: c_int,
}

/// Records graphs on this thread until the guard is dropped.
///
/// ```
/// use tch::{Kind, Tensor};
///
/// let weight = Tensor::from(2.0f32).set_requires_grad(true);
/// let _no_grad = tch::no_grad_guard();
/// {
///     let _grad = selvedge_torch::grad_guard();
///     assert!(weight.square().requires_grad());
/// }
/// assert!(!weight.square().requires_grad());
/// ```
pub fn grad_guard() -> GradGuard {
    // SAFETY: it sets a flag of this thread.
    GradGuard { before: unsafe { torch_sys::at_grad_set_enabled(1) } }
}

impl Drop for GradGuard {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { torch_sys::at_grad_set_enabled(self.before) };
    }
}

unsafe extern "C" {
    fn selvedge_clear_gradient(tensor: *mut C_tensor) -> *mut c_char;
    fn selvedge_is_same(first: *const C_tensor, second: *const C_tensor) -> bool;
}
