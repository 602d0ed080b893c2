use tch::Tensor;

use crate::functional;
use crate::plan::{Placement, Stage, Work};

/// [`Softmax`](crate::Softmax) and its like in a plan.
#[derive(Debug)]
pub(super) struct SoftmaxStage {
    pub(super) dim: Option<i64>,
    pub(super) flavour: Flavour,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Flavour {
    Plain,
    OfNegated,
    Logarithm,
}

impl Stage for SoftmaxStage {
    fn place(&self, placement: &Placement<'_>) -> Result<Box<dyn Work>, String> {
        let input = placement.input;
        let dim = functional::softmax_dimension(input, self.dim);
        let dims = input.dim() as i64;
        if !input.is_floating_point() || !(-dims..dims).contains(&dim) {
            return Err(format!("its input is {:?} of shape {:?}", input.kind(), input.size()));
        }
        Ok(Box::new(SoftmaxWork {
            dim,
            flavour: self.flavour,
            output: input.empty_like(),
            input_gradient: placement.input_gradient(),
        }))
    }
}

struct SoftmaxWork {
    dim: i64,
    flavour: Flavour,
    output: Tensor,
    input_gradient: Option<Tensor>,
}

impl Work for SoftmaxWork {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        // The backward reads it.
        self.input_gradient.is_none()
    }

    fn forward(&mut self, input: &Tensor) {
        let _ = match self.flavour {
            Flavour::Plain => input.internal_softmax_out(&self.output, self.dim, false),
            Flavour::OfNegated => input.neg().internal_softmax_out(&self.output, self.dim, false),
            Flavour::Logarithm => input.internal_log_softmax_out(&self.output, self.dim, false),
        };
    }

    fn backward(&mut self, _: &Tensor, gradient: &Tensor) {
        let Some(into) = &self.input_gradient else { return };
        let (output, dim, kind) = (&self.output, self.dim, gradient.kind());
        let _ = match self.flavour {
            Flavour::Logarithm => {
                Tensor::internal_log_softmax_backward_data_out(into, gradient, output, dim, kind)
            }
            _ => Tensor::internal_softmax_backward_data_out(into, gradient, output, dim, kind),
        };
        if self.flavour == Flavour::OfNegated {
            let _ = into.shallow_clone().neg_();
        }
    }

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        self.input_gradient.as_ref().unwrap_or(gradient)
    }
}
