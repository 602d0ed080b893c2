use std::borrow::Borrow;
use std::ffi::c_char;

use tch::Tensor;
use torch_sys::C_tensor;

use super::GradientScaling;
use crate::Result;
use crate::border::{Pointers, Tensors, check};

/// Adam and AdamW, `torch._fused_adam_` and `torch._fused_adamw_`.
///
/// ```text
/// m ← β₁m + (1 − β₁)g        v ← β₂v + (1 − β₂)g²
/// θ ← θ − lr · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + eps)
/// ```
///
/// The defaults are those of `torch.optim.Adam`.
///
/// ```
/// use selvedge_torch::{AdamState, FusedAdam, GradientScaling};
/// use tch::{Kind, Tensor};
///
/// let parameter = Tensor::from_slice(&[1.0f32, 2.0]);
/// let gradient = Tensor::from_slice(&[0.5f32, -3.0]);
/// let (average, square) = (parameter.zeros_like(), parameter.zeros_like());
/// // The caller counts: the step that is being taken is the first.
/// let step = Tensor::from(1.0f32);
/// let state = AdamState { exp_avgs: &[average], exp_avg_sqs: &[square], max_exp_avg_sqs: &[], steps: &[step] };
/// let adam = FusedAdam { lr: 0.1, ..FusedAdam::default() };
/// adam.step(&[&parameter], &[&gradient], state, GradientScaling::default())?;
/// // Adam's first step has the length of the learning rate, whatever the gradient.
/// assert!(parameter.allclose(&Tensor::from_slice(&[0.9f32, 2.1]), 1e-5, 1e-6, false));
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FusedAdam {
    /// The learning rate. Default: 1e-3.
    pub lr: f64,
    /// The decay of the averages of the gradient and of its square. Default: (0.9, 0.999).
    pub betas: (f64, f64),
    /// Added to the denominator. Default: 1e-8.
    pub eps: f64,
    /// The weight decay. Default: 0.
    pub weight_decay: f64,
    /// Whether the denominator is the largest so far. Default: `false`.
    pub amsgrad: bool,
    /// Whether to climb. Default: `false`.
    pub maximize: bool,
    /// Whether the weight decay shrinks the parameters (AdamW) instead of adding to the gradient. Default:
    /// `false`.
    pub decoupled_weight_decay: bool,
}

impl Default for FusedAdam {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            betas: (0.9, 0.999),
            eps: 1e-8,
            weight_decay: 0.0,
            amsgrad: false,
            maximize: false,
            decoupled_weight_decay: false,
        }
    }
}

/// Adam's state, a tensor for each parameter, by PyTorch's names.
#[derive(Debug, Clone, Copy)]
pub struct AdamState<'a, T: Borrow<Tensor> = Tensor> {
    /// The averages of the gradients.
    pub exp_avgs: &'a [T],
    /// The averages of their squares.
    pub exp_avg_sqs: &'a [T],
    /// The largest of those so far; read only with `amsgrad`.
    pub max_exp_avg_sqs: &'a [T],
    /// How many steps were taken, this one included: one f32 value each, on the device of the parameter. The
    /// kernel does not count.
    pub steps: &'a [T],
}

impl FusedAdam {
    /// Updates the parameters and the state in place.
    ///
    /// # Errors
    ///
    /// When a list has another length than the parameters, or a tensor another shape, kind, layout or device than
    /// its parameter, or is sparse. Nothing was changed then. A gradient that is laid out otherwise is copied
    /// first, unless a `grad_scale` would have to be written back to it.
    pub fn step<P: Borrow<Tensor>, G: Borrow<Tensor>, S: Borrow<Tensor>>(
        &self,
        parameters: &[P],
        gradients: &[G],
        state: AdamState<'_, S>,
        scaling: GradientScaling<'_>,
    ) -> Result<()> {
        let options = Options {
            lr: self.lr,
            beta1: self.betas.0,
            beta2: self.betas.1,
            eps: self.eps,
            weight_decay: self.weight_decay,
            amsgrad: self.amsgrad,
            maximize: self.maximize,
            decoupled: self.decoupled_weight_decay,
        };
        let (parameters, gradients) = (Pointers::new(parameters), Pointers::new(gradients));
        let (averages, squares) = (Pointers::new(state.exp_avgs), Pointers::new(state.exp_avg_sqs));
        let (maxima, steps) = (Pointers::new(state.max_exp_avg_sqs), Pointers::new(state.steps));
        let (scale, infinite) = scaling.pointers();
        // SAFETY: all pointers are to tensors and options that outlive the call; the shim checks the rest.
        let message = unsafe {
            selvedge_fused_adam(
                &raw const options,
                parameters.raw(),
                gradients.raw(),
                averages.raw(),
                squares.raw(),
                maxima.raw(),
                steps.raw(),
                scale,
                infinite,
            )
        };
        check(if self.decoupled_weight_decay { "_fused_adamw_" } else { "_fused_adam_" }, message)
    }
}

#[repr(C)]
struct Options {
    lr: f64,
    beta1: f64,
    beta2: f64,
    eps: f64,
    weight_decay: f64,
    amsgrad: bool,
    maximize: bool,
    decoupled: bool,
}

unsafe extern "C" {
    fn selvedge_fused_adam(
        options: *const Options,
        parameters: Tensors,
        gradients: Tensors,
        averages: Tensors,
        squares: Tensors,
        maxima: Tensors,
        steps: Tensors,
        grad_scale: *mut C_tensor,
        found_inf: *mut C_tensor,
    ) -> *mut c_char;
}
