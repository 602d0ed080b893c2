use tch::Tensor;

use crate::plan::{Placement, Stage, Work};

/// A [`Relu`](crate::Relu) in a plan: over its input where it may, and backward always over the gradient.
#[derive(Debug)]
pub(super) struct ReluStage;

impl Stage for ReluStage {
    fn place(&self, placement: &Placement<'_>) -> Result<Box<dyn Work>, String> {
        let Placement { input, may_overwrite, mode, .. } = *placement;
        let output = if may_overwrite { input.shallow_clone() } else { input.empty_like() };
        Ok(Box::new(ReluWork { output, in_place: may_overwrite, may_be_overwritten: !mode.is_train() }))
    }
}

struct ReluWork {
    output: Tensor,
    in_place: bool,
    may_be_overwritten: bool,
}

impl Work for ReluWork {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        self.may_be_overwritten
    }

    fn forward(&mut self, input: &Tensor) {
        if self.in_place {
            self.output = input.shallow_clone();
            let _ = self.output.relu_();
        } else {
            let _ = input.clamp_min_out(&self.output, 0);
        }
    }

    fn backward(&mut self, _: &Tensor, gradient: &Tensor) {
        let _ = self.output.threshold_backward_grad_input(gradient, gradient, 0);
    }

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        gradient
    }
}
