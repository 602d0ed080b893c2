use std::borrow::Borrow;
use std::ffi::c_char;

use tch::Tensor;
use torch_sys::C_tensor;

use super::GradientScaling;
use crate::Result;
use crate::border::{Pointers, Tensors, check};

/// Adagrad, `torch._fused_adagrad_`.
///
/// ```text
/// s ← s + g²        θ ← θ − lr / (1 + (t − 1) · lr_decay) · g / (√s + eps)
/// ```
///
/// The defaults are those of `torch.optim.Adagrad`.
///
/// ```
/// use selvedge_torch::{FusedAdagrad, GradientScaling};
/// use tch::Tensor;
///
/// let parameter = Tensor::from_slice(&[1.0f32, 2.0]);
/// let gradient = Tensor::from_slice(&[3.0f32, -4.0]);
/// let (sum, step) = (parameter.zeros_like(), Tensor::from(1.0f32));
/// let adagrad = FusedAdagrad { lr: 0.5, ..FusedAdagrad::default() };
/// adagrad.step(&[&parameter], &[&gradient], &[&sum], &[&step], GradientScaling::default())?;
/// assert!(parameter.allclose(&Tensor::from_slice(&[0.5f32, 2.5]), 1e-5, 1e-6, false));
/// assert_eq!(sum, Tensor::from_slice(&[9.0f32, 16.0]));
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FusedAdagrad {
    /// The learning rate. Default: 1e-2.
    pub lr: f64,
    /// How fast the learning rate falls. Default: 0.
    pub lr_decay: f64,
    /// Added to the denominator. Default: 1e-10.
    pub eps: f64,
    /// The weight decay, added to the gradient. Default: 0.
    pub weight_decay: f64,
    /// Whether to climb. Default: `false`.
    pub maximize: bool,
}

impl Default for FusedAdagrad {
    fn default() -> Self {
        Self { lr: 1e-2, lr_decay: 0.0, eps: 1e-10, weight_decay: 0.0, maximize: false }
    }
}

impl FusedAdagrad {
    /// Updates the parameters and the sums of squared gradients in place. `steps` counts the steps, this one
    /// included: one f32 value each, which the kernel only reads.
    ///
    /// # Errors
    ///
    /// As [`FusedAdam::step`](crate::FusedAdam::step).
    pub fn step<P: Borrow<Tensor>, G: Borrow<Tensor>, S: Borrow<Tensor>>(
        &self,
        parameters: &[P],
        gradients: &[G],
        sums: &[S],
        steps: &[S],
        scaling: GradientScaling<'_>,
    ) -> Result<()> {
        let options = Options {
            lr: self.lr,
            lr_decay: self.lr_decay,
            eps: self.eps,
            weight_decay: self.weight_decay,
            maximize: self.maximize,
        };
        let (parameters, gradients) = (Pointers::new(parameters), Pointers::new(gradients));
        let (sums, steps) = (Pointers::new(sums), Pointers::new(steps));
        let (scale, infinite) = scaling.pointers();
        // SAFETY: all pointers are to tensors and options that outlive the call; the shim checks the rest.
        let message = unsafe {
            selvedge_fused_adagrad(
                &raw const options,
                parameters.raw(),
                gradients.raw(),
                sums.raw(),
                steps.raw(),
                scale,
                infinite,
            )
        };
        check("_fused_adagrad_", message)
    }
}

#[repr(C)]
struct Options {
    lr: f64,
    lr_decay: f64,
    eps: f64,
    weight_decay: f64,
    maximize: bool,
}

unsafe extern "C" {
    fn selvedge_fused_adagrad(
        options: *const Options,
        parameters: Tensors,
        gradients: Tensors,
        sums: Tensors,
        steps: Tensors,
        grad_scale: *mut C_tensor,
        found_inf: *mut C_tensor,
    ) -> *mut c_char;
}
