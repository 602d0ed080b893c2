use std::borrow::Borrow;
use std::ffi::c_char;

use tch::Tensor;
use torch_sys::C_tensor;

use super::GradientScaling;
use crate::Result;
use crate::border::{Pointers, Tensors, check};

/// Stochastic gradient descent, `torch._fused_sgd_`.
///
/// ```text
/// b ← momentum · b + (1 − dampening)g        θ ← θ − lr · b
/// ```
///
/// The defaults are those of `torch.optim.SGD`.
///
/// Differs from PyTorch: parameters of kind bf16 and f16 on the CPU are updated by a kernel of our own, in f32. That of
/// libtorch computes whole vectors of these kinds and does not store them.
///
/// ```
/// use selvedge_torch::{FusedSgd, GradientScaling};
/// use tch::Tensor;
///
/// let parameter = Tensor::from_slice(&[1.0f32, 2.0]);
/// let gradient = Tensor::from_slice(&[1.0f32, -1.0]);
/// let none: [Tensor; 0] = [];
/// let sgd = FusedSgd { lr: 0.5, ..FusedSgd::default() };
/// sgd.step(&[&parameter], &[&gradient], &none, true, GradientScaling::default())?;
/// assert_eq!(parameter, Tensor::from_slice(&[0.5f32, 2.5]));
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FusedSgd {
    /// The learning rate. Default: 1e-3.
    pub lr: f64,
    /// How much of the last direction is kept. Default: 0.
    pub momentum: f64,
    /// How much of the gradient does not enter the direction. Default: 0.
    pub dampening: f64,
    /// The weight decay, added to the gradient. Default: 0.
    pub weight_decay: f64,
    /// Whether to look one step ahead. Default: `false`.
    pub nesterov: bool,
    /// Whether to climb. Default: `false`.
    pub maximize: bool,
}

impl Default for FusedSgd {
    fn default() -> Self {
        Self { lr: 1e-3, momentum: 0.0, dampening: 0.0, weight_decay: 0.0, nesterov: false, maximize: false }
    }
}

impl FusedSgd {
    /// Updates the parameters, and with a momentum the buffers, in place. On the `first_step` the buffers are
    /// written without being read.
    ///
    /// # Errors
    ///
    /// As [`FusedAdam::step`](crate::FusedAdam::step). Without momentum, `momentum_buffers` is not looked at.
    pub fn step<P: Borrow<Tensor>, G: Borrow<Tensor>, S: Borrow<Tensor>>(
        &self,
        parameters: &[P],
        gradients: &[G],
        momentum_buffers: &[S],
        first_step: bool,
        scaling: GradientScaling<'_>,
    ) -> Result<()> {
        let options = Options {
            lr: self.lr,
            momentum: self.momentum,
            dampening: self.dampening,
            weight_decay: self.weight_decay,
            nesterov: self.nesterov,
            maximize: self.maximize,
            first_step,
        };
        let (parameters, gradients) = (Pointers::new(parameters), Pointers::new(gradients));
        let buffers = Pointers::new(momentum_buffers);
        let (scale, infinite) = scaling.pointers();
        // SAFETY: all pointers are to tensors and options that outlive the call; the shim checks the rest.
        let message = unsafe {
            selvedge_fused_sgd(
                &raw const options,
                parameters.raw(),
                gradients.raw(),
                buffers.raw(),
                scale,
                infinite,
            )
        };
        check("_fused_sgd_", message)
    }
}

#[repr(C)]
struct Options {
    lr: f64,
    momentum: f64,
    dampening: f64,
    weight_decay: f64,
    nesterov: bool,
    maximize: bool,
    first_step: bool,
}

unsafe extern "C" {
    fn selvedge_fused_sgd(
        options: *const Options,
        parameters: Tensors,
        gradients: Tensors,
        momentum_buffers: Tensors,
        grad_scale: *mut C_tensor,
        found_inf: *mut C_tensor,
    ) -> *mut c_char;
}
