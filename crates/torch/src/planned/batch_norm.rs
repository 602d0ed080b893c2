use std::ffi::c_char;
use std::ptr;

use tch::Tensor;
use torch_sys::C_tensor;

use super::{Gradients, owned, place, raw};
use crate::Result;
use crate::border::{check, optional};

/// A batch normalisation, by the kernel that libtorch chooses for the device and the input: on a GPU that may be cuDNN's.
#[derive(Debug, Clone, Copy, Default)]
pub struct BatchNorm<'a> {
    /// What the normalised values are multiplied by. Default: `None`.
    pub weight: Option<&'a Tensor>,
    /// What is added to them. Default: `None`.
    pub bias: Option<&'a Tensor>,
    /// The running mean and variance. Default: `None`.
    pub running: Option<(&'a Tensor, &'a Tensor)>,
    /// Added to the variance. Default: 0.
    pub eps: f64,
}

/// What a forward of a [`BatchNorm`] gives, and keeps for the backward.
#[derive(Debug)]
pub struct BatchNormForward {
    /// The output, the mean, the inverse of the deviation, and what cuDNN keeps.
    tensors: [Tensor; 4],
    kernel: i64,
}

impl BatchNormForward {
    /// The normalised values.
    pub fn output(&self) -> &Tensor {
        &self.tensors[0]
    }
}

impl BatchNorm<'_> {
    /// In training the mean and variance are those of the batch, and the running ones are updated: the batch counts
    /// `momentum` in them. Otherwise they are the running ones.
    ///
    /// ```
    /// use selvedge_torch::planned::{BatchNorm, Gradients};
    /// use tch::Tensor;
    ///
    /// let input = Tensor::from_slice(&[1.0f32, 3.0]).view([2, 1]);
    /// let norm = BatchNorm { eps: 1e-5, ..BatchNorm::default() };
    /// let forward = norm.forward(&input, true, 0.1)?;
    /// assert!((forward.output().double_value(&[1, 0]) - 1.0).abs() < 1e-4);
    /// let into = Gradients { input: true, ..Gradients::default() };
    /// let gradient = norm.backward(&forward, &input.ones_like(), &input, into)?;
    /// assert!(gradient.is_some_and(|gradient| gradient.abs().max().double_value(&[]) < 1e-4));
    /// # Ok::<(), selvedge_torch::TorchError>(())
    /// ```
    pub fn forward(&self, input: &Tensor, training: bool, momentum: f64) -> Result<BatchNormForward> {
        let (mean, variance) = self.running.unzip();
        let (mut tensors, mut kernel) = ([ptr::null_mut(); 4], 0);
        // SAFETY: all pointers are to tensors that outlive the call, null where the shim expects it, or places for
        // what it makes: four tensors and a number.
        let message = unsafe {
            selvedge_batch_norm(
                raw(input),
                optional(self.weight),
                optional(self.bias),
                optional(mean),
                optional(variance),
                training,
                momentum,
                self.eps,
                tensors.as_mut_ptr(),
                &raw mut kernel,
            )
        };
        check("batch_norm", message)?;
        // SAFETY: without a message each is a new tensor that is ours.
        Ok(BatchNormForward { tensors: tensors.map(|tensor| unsafe { Tensor::from_ptr(tensor) }), kernel })
    }

    /// The backward of a [`forward`](Self::forward) of this input in training; returns the gradient of the input where it
    /// is wanted.
    pub fn backward(
        &self,
        forward: &BatchNormForward,
        gradient: &Tensor,
        input: &Tensor,
        into: Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let (mean, variance) = self.running.unzip();
        let tensors = forward.tensors.each_ref().map(raw);
        let mut of_input = ptr::null_mut();
        // SAFETY: all pointers are to tensors that outlive the call, or null where the shim expects it; `tensors` has
        // four of them.
        let message = unsafe {
            selvedge_batch_norm_backward(
                raw(gradient),
                raw(input),
                optional(self.weight),
                optional(mean),
                optional(variance),
                self.eps,
                tensors.as_ptr(),
                forward.kernel,
                place(into.input, &mut of_input),
                optional(into.weight),
                optional(into.bias),
            )
        };
        check("batch_norm_backward", message)?;
        Ok(owned(of_input))
    }
}

unsafe extern "C" {
    fn selvedge_batch_norm(
        input: *mut C_tensor,
        weight: *mut C_tensor,
        bias: *mut C_tensor,
        running_mean: *mut C_tensor,
        running_variance: *mut C_tensor,
        training: bool,
        momentum: f64,
        eps: f64,
        tensors: *mut *mut C_tensor,
        kernel: *mut i64,
    ) -> *mut c_char;

    fn selvedge_batch_norm_backward(
        gradient: *mut C_tensor,
        input: *mut C_tensor,
        weight: *mut C_tensor,
        running_mean: *mut C_tensor,
        running_variance: *mut C_tensor,
        eps: f64,
        tensors: *const *mut C_tensor,
        kernel: i64,
        of_input: *mut *mut C_tensor,
        of_weight: *mut C_tensor,
        of_bias: *mut C_tensor,
    ) -> *mut c_char;
}
