//! Kernels of a planned step that `tch` does not bind; `selvedge-nn` and `selvedge-train` plan with them. No graph
//! is recorded.
//!
//! # Errors
//!
//! Each function fails where libtorch refuses the shapes, kinds or devices.

mod batch_norm;
mod blocked_product;
mod max_pool;
mod memory;

use std::ffi::c_char;
use std::ptr;

use tch::{Reduction, Tensor};
use torch_sys::C_tensor;

pub use batch_norm::{BatchNorm, BatchNormForward};
pub use blocked_product::blocked_product;
pub use max_pool::{Windows, max_pool2d};

use crate::Result;
use crate::border::{check, optional};

/// Writes the negative log-likelihood into `loss`, and into `total_weight` what its mean divides by, which the
/// backward wants.
///
/// ```
/// use selvedge_torch::planned;
/// use tch::{Device, Kind, Reduction, Tensor};
///
/// let [loss, total_weight] = [(); 2].map(|()| Tensor::zeros([], (Kind::Float, Device::Cpu)));
/// let input = Tensor::from_slice(&[-0.5f32, -1.5, -2.5, -0.25]).view([2, 2]);
/// let target = Tensor::from_slice(&[0_i64, 1]);
/// planned::nll_loss(&loss, &total_weight, &input, &target, None, Reduction::Sum, -100)?;
/// assert_eq!(loss.double_value(&[]), 0.75);
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
pub fn nll_loss(
    loss: &Tensor,
    total_weight: &Tensor,
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    reduction: Reduction,
    ignore_index: i64,
) -> Result<()> {
    let [loss, total_weight, input, target] = [loss, total_weight, input, target].map(raw);
    // SAFETY: all pointers are to tensors that outlive the call, or null where the shim expects it.
    let message = unsafe {
        selvedge_nll_loss(
            loss,
            total_weight,
            input,
            target,
            optional(weight),
            reduction.to_int(),
            ignore_index,
        )
    };
    check("nll_loss_forward", message)
}

/// The options of a convolution, one value for each dimension after the channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convolution<const N: usize> {
    /// The step of the kernel.
    pub stride: [i64; N],
    /// The zeros around the input.
    pub padding: [i64; N],
    /// The distance between the inputs that neighbouring kernel values meet.
    pub dilation: [i64; N],
    /// The number of groups of channels.
    pub groups: i64,
}

/// Where the gradients of a backward go; what has no place is not computed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gradients<'a> {
    /// Whether the gradient of the input is wanted. Default: `false`.
    pub input: bool,
    /// That of the weight. Default: `None`.
    pub weight: Option<&'a Tensor>,
    /// That of the bias. Default: `None`.
    pub bias: Option<&'a Tensor>,
}

impl<const N: usize> Convolution<N> {
    /// The backward of a convolution; returns the gradient of the input where it is wanted.
    pub fn backward(
        &self,
        gradient: &Tensor,
        input: &Tensor,
        weight: &Tensor,
        into: Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let options = Options {
            stride: self.stride.as_ptr(),
            padding: self.padding.as_ptr(),
            dilation: self.dilation.as_ptr(),
            dimensions: N,
            groups: self.groups,
        };
        let [gradient, input, weight] = [gradient, input, weight].map(raw);
        let mut of_input = ptr::null_mut();
        // SAFETY: all pointers are to tensors and numbers that outlive the call, or null where the shim expects
        // it, and each list has `dimensions` numbers.
        let message = unsafe {
            selvedge_convolution_backward(
                &raw const options,
                gradient,
                input,
                weight,
                place(into.input, &mut of_input),
                optional(into.weight),
                optional(into.bias),
            )
        };
        check("convolution_backward", message)?;
        Ok(owned(of_input))
    }
}

fn raw(tensor: &Tensor) -> *mut C_tensor {
    tensor.as_ptr().cast_mut()
}

/// Where the shim puts a new tensor, or null where none is wanted.
fn place(wanted: bool, pointer: &mut *mut C_tensor) -> *mut *mut C_tensor {
    if wanted { ptr::from_mut(pointer) } else { ptr::null_mut() }
}

fn owned(pointer: *mut C_tensor) -> Option<Tensor> {
    // SAFETY: what is not null is a tensor that the shim made for us.
    (!pointer.is_null()).then(|| unsafe { Tensor::from_ptr(pointer) })
}

/// `SelvedgeConvolution`.
#[repr(C)]
struct Options {
    stride: *const i64,
    padding: *const i64,
    dilation: *const i64,
    dimensions: usize,
    groups: i64,
}

unsafe extern "C" {
    fn selvedge_nll_loss(
        loss: *mut C_tensor,
        total_weight: *mut C_tensor,
        input: *mut C_tensor,
        target: *mut C_tensor,
        weight: *mut C_tensor,
        reduction: i64,
        ignore_index: i64,
    ) -> *mut c_char;

    fn selvedge_convolution_backward(
        options: *const Options,
        gradient: *mut C_tensor,
        input: *mut C_tensor,
        weight: *mut C_tensor,
        of_input: *mut *mut C_tensor,
        of_weight: *mut C_tensor,
        of_bias: *mut C_tensor,
    ) -> *mut c_char;
}
