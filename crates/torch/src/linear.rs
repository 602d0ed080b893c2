use std::ffi::c_char;
use std::mem::ManuallyDrop;
use std::ptr;

use tch::Tensor;
use torch_sys::C_tensor;

use crate::Result;
use crate::border::{check, optional};

/// A way to multiply matrices.
pub trait Multiply {
    /// Writes `first · second` into `output`, whose values mean nothing before, or leaves them and returns `false`.
    ///
    /// A panic ends the process: the frames of C++ around it can not be unwound.
    fn multiply(output: &Tensor, first: &Tensor, second: &Tensor) -> bool;
}

/// `input · weightᵀ + bias`, as libtorch's `linear`. Autograd follows it, and where all is f32 on the CPU without gaps it
/// multiplies the gradients by `M`: by libtorch where `M` does not, and where a gradient of the gradients is asked for.
///
/// # Errors
///
/// When the shapes, kinds or devices do not fit.
///
/// ```
/// use selvedge_torch::{Multiply, linear};
/// use tch::{Device, Kind, Tensor};
///
/// struct ByLibtorch;
///
/// impl Multiply for ByLibtorch {
///     fn multiply(output: &Tensor, first: &Tensor, second: &Tensor) -> bool {
///         first.f_mm_out(output, second).is_ok()
///     }
/// }
///
/// let input = Tensor::ones([2, 3], (Kind::Float, Device::Cpu));
/// let weight = Tensor::ones([4, 3], (Kind::Float, Device::Cpu)).set_requires_grad(true);
/// let output = linear::<ByLibtorch>(&input, &weight, None)?;
/// output.sum(Kind::Float).backward();
/// assert_eq!(weight.grad(), Tensor::full([4, 3], 2.0, (Kind::Float, Device::Cpu)));
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
pub fn linear<M: Multiply>(input: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let mut output = ptr::null_mut();
    // SAFETY: all pointers are to tensors that outlive the call, null where the shim expects it, or a place for one.
    // The shim keeps `multiply` for the backward; it is a function, and lives as long as the program.
    let message = unsafe {
        selvedge_linear(input.as_ptr(), weight.as_ptr(), optional(bias), multiply::<M>, &raw mut output)
    };
    check("linear", message)?;
    // SAFETY: without a message it is a tensor that is ours.
    Ok(unsafe { Tensor::from_ptr(output) })
}

extern "C" fn multiply<M: Multiply>(
    output: *mut C_tensor,
    first: *mut C_tensor,
    second: *mut C_tensor,
) -> bool {
    // SAFETY: all three are tensors that the shim has for as long as the call; they are not freed here.
    let [output, first, second] =
        [output, first, second].map(|tensor| ManuallyDrop::new(unsafe { Tensor::from_ptr(tensor) }));
    M::multiply(&output, &first, &second)
}

unsafe extern "C" {
    fn selvedge_linear(
        input: *const C_tensor,
        weight: *const C_tensor,
        bias: *const C_tensor,
        multiply: extern "C" fn(*mut C_tensor, *mut C_tensor, *mut C_tensor) -> bool,
        output: *mut *mut C_tensor,
    ) -> *mut c_char;
}
