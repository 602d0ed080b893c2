use selvedge_torch::planned::{self, Windows};
use tch::{Kind, Tensor};

use super::MaxPool;
use crate::functional::windows;
use crate::misuse;
use crate::plan::{Placement, Stage, Work};

/// A [`MaxPool`] of images in a plan.
#[derive(Debug)]
pub(super) struct MaxPoolStage<const N: usize>(pub(super) MaxPool<N>);

impl<const N: usize> Stage for MaxPoolStage<N> {
    fn place(&self, placement: &Placement<'_>) -> Result<Box<dyn Work>, String> {
        let input = placement.input;
        let windows = windows(self.0.sizes());
        let windows = windows.ok_or_else(|| format!("a pool of {N} dimensions is not planned"))?;
        let Windows { kernel_size, stride, padding, dilation } = windows;
        let ceil_mode = self.0.ceil_mode;
        let pooled = input.f_max_pool2d_with_indices(kernel_size, stride, padding, dilation, ceil_mode);
        let (output, indices) = misuse::refused(input, pooled)?;
        Ok(Box::new(MaxPoolWork {
            windows,
            ceil_mode,
            output,
            indices: indices.to_kind(Kind::Int64),
            input_gradient: placement.input_gradient(),
        }))
    }
}

struct MaxPoolWork {
    windows: Windows,
    ceil_mode: bool,
    output: Tensor,
    indices: Tensor,
    input_gradient: Option<Tensor>,
}

impl Work for MaxPoolWork {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        true
    }

    fn forward(&mut self, input: &Tensor) {
        // It is for f32 on the CPU without gaps, and what it refuses libtorch takes.
        if planned::max_pool2d(&self.output, &self.indices, input, self.windows).is_ok() {
            return;
        }
        let Windows { kernel_size, stride, padding, dilation } = self.windows;
        let _ = input.max_pool2d_with_indices_out(
            &self.output,
            &self.indices,
            kernel_size,
            stride,
            padding,
            dilation,
            self.ceil_mode,
        );
    }

    fn backward(&mut self, input: &Tensor, gradient: &Tensor) {
        let Windows { kernel_size, stride, padding, dilation } = self.windows;
        if let Some(into) = &self.input_gradient {
            let _ = input.max_pool2d_with_indices_backward_grad_input(
                into,
                gradient,
                kernel_size,
                stride,
                padding,
                dilation,
                self.ceil_mode,
                &self.indices,
            );
        }
    }

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        self.input_gradient.as_ref().unwrap_or(gradient)
    }
}
