use std::fmt::Debug;

use tch::Tensor;

use super::{Placement, Stage, Work};
use crate::{Forward, Mode};

/// An activation with a backward of its own: the forward is the activation's, its backward a kernel that works in
/// place.
#[derive(Debug)]
pub(crate) struct Pointwise<A>(pub(crate) A);

/// The backward of a [`Pointwise`] stage.
pub(crate) trait PointwiseKernels: Forward + Clone + Debug + 'static {
    /// Whether the backward looks at the output instead of the input.
    const FROM_OUTPUT: bool = false;

    /// Makes the gradient of the output that of the input, given the input, or the output.
    fn backward(&self, gradient: &Tensor, value: &Tensor);
}

impl<A: PointwiseKernels> Stage for Pointwise<A> {
    fn place(&self, placement: &Placement<'_>) -> Result<Box<dyn Work>, String> {
        let Placement { input, mode, .. } = *placement;
        if !input.is_floating_point() {
            return Err(format!("its input is of kind {:?}", input.kind()));
        }
        Ok(Box::new(PointwiseWork { activation: self.0.clone(), mode, output: input.empty_like() }))
    }
}

struct PointwiseWork<A> {
    activation: A,
    mode: Mode,
    output: Tensor,
}

impl<A: PointwiseKernels> Work for PointwiseWork<A> {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        !A::FROM_OUTPUT || !self.mode.is_train()
    }

    fn forward(&mut self, input: &Tensor) {
        self.output = self.activation.forward(input, self.mode);
    }

    fn backward(&mut self, input: &Tensor, gradient: &Tensor) {
        self.activation.backward(gradient, if A::FROM_OUTPUT { &self.output } else { input });
    }

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        gradient
    }
}
