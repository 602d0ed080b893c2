use selvedge_torch::planned::{BatchNorm, BatchNormForward, Gradients};
use tch::Tensor;

use super::next_momentum;
use crate::Mode;
use crate::plan::{Placement, Stage, StageParameter, Work};

/// A [`BatchNorm`](super::BatchNorm) in a plan.
#[derive(Debug)]
pub(super) struct BatchNormStage {
    pub(super) dimensions: usize,
    pub(super) num_features: i64,
    pub(super) weight: Option<Tensor>,
    pub(super) bias: Option<Tensor>,
    /// The running mean and variance, and the number of batches they have seen.
    pub(super) running: Option<[Tensor; 3]>,
    pub(super) momentum: Option<f64>,
    pub(super) eps: f64,
}

impl Stage for BatchNormStage {
    fn parameters(&self) -> Vec<StageParameter<'_>> {
        let parameters = [self.weight.as_ref(), self.bias.as_ref()].into_iter().flatten();
        parameters.map(|tensor| StageParameter { tensor, transposed: false }).collect()
    }

    fn place(&self, placement: &Placement<'_>) -> Result<Box<dyn Work>, String> {
        let size = placement.input.size();
        let dims = size.len() == self.dimensions + 2 || (self.dimensions == 1 && size.len() == 2);
        if !dims || size[1] != self.num_features {
            return Err(format!(
                "expected {} features in the second dimension, found {size:?}",
                self.num_features
            ));
        }
        for tensor in self.weight.iter().chain(&self.bias).chain(self.running.iter().flatten().take(2)) {
            placement.expect_form_of(tensor)?;
        }
        let of_batch = placement.mode.is_train() || self.running.is_none();
        if of_batch && size[0] * size[2..].iter().product::<i64>() == 1 {
            return Err(format!("expected more than 1 value to normalise together, found {size:?}"));
        }
        let device = placement.input.device();
        if placement.mode.is_train() && device.is_cuda() && self.momentum.is_none() {
            // What is recorded can not look at the count.
            return Err(format!(
                "on {device:?} a momentum that depends on the number of batches is not planned"
            ));
        }
        let detached = |tensor: &Option<Tensor>| tensor.as_ref().map(Tensor::detach);
        Ok(Box::new(BatchNormWork {
            mode: placement.mode,
            of_batch,
            weight: detached(&self.weight),
            bias: detached(&self.bias),
            running: self.running.as_ref().map(|running| running.each_ref().map(Tensor::shallow_clone)),
            momentum: self.momentum,
            eps: self.eps,
            output: placement.input.empty_like(),
            last: None,
            weight_gradient: self.weight.as_ref().and_then(|weight| placement.gradient_of(weight)),
            bias_gradient: self.bias.as_ref().and_then(|bias| placement.gradient_of(bias)),
            wants_input_gradient: placement.wants_gradient,
            input_gradient: None,
        }))
    }
}

struct BatchNormWork {
    mode: Mode,
    of_batch: bool,
    weight: Option<Tensor>,
    bias: Option<Tensor>,
    running: Option<[Tensor; 3]>,
    momentum: Option<f64>,
    eps: f64,
    output: Tensor,
    last: Option<BatchNormForward>,
    weight_gradient: Option<Tensor>,
    bias_gradient: Option<Tensor>,
    wants_input_gradient: bool,
    input_gradient: Option<Tensor>,
}

impl BatchNormWork {
    fn norm(&self) -> BatchNorm<'_> {
        BatchNorm {
            weight: self.weight.as_ref(),
            bias: self.bias.as_ref(),
            running: self.running.as_ref().map(|[mean, variance, _]| (mean, variance)),
            eps: self.eps,
        }
    }
}

impl Work for BatchNormWork {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        true
    }

    fn forward(&mut self, input: &Tensor) {
        let batches = self.running.as_ref().map(|[.., batches]| batches);
        let momentum = if self.mode.is_train() { next_momentum(self.momentum, batches) } else { 0.0 };
        let forward = self.norm().forward(input, self.of_batch, momentum);
        let forward = forward.expect("the shapes were looked at when the plan was made");
        self.output = forward.output().shallow_clone();
        self.last = Some(forward);
    }

    fn backward(&mut self, input: &Tensor, gradient: &Tensor) {
        let into = Gradients {
            input: self.wants_input_gradient,
            weight: self.weight_gradient.as_ref(),
            bias: self.bias_gradient.as_ref(),
        };
        let forward = self.last.as_ref().expect("the backward follows a forward");
        let backward = self.norm().backward(forward, gradient, input, into);
        self.input_gradient = backward.expect("the backward takes what the forward took");
    }

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        self.input_gradient.as_ref().unwrap_or(gradient)
    }
}
