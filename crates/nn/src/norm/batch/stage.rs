use selvedge_torch::planned::{self, Gradients};
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
        if placement.mode.is_train() && !placement.input.device().eq(&tch::Device::Cpu) {
            // There the ordinary layer is a kernel of cuDNN, with what it keeps for its backward.
            return Err(format!("on {:?} it is not planned", placement.input.device()));
        }
        let detached = |tensor: &Option<Tensor>| tensor.as_ref().map(Tensor::detach);
        let saved = || placement.buffer(&[self.num_features]);
        Ok(Box::new(BatchNormWork {
            mode: placement.mode,
            of_batch,
            weight: detached(&self.weight),
            bias: detached(&self.bias),
            running: self.running.as_ref().map(|running| running.each_ref().map(Tensor::shallow_clone)),
            momentum: self.momentum,
            eps: self.eps,
            output: placement.input.empty_like(),
            mean: saved(),
            inverse_deviation: saved(),
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
    /// Of the batch, for the backward.
    mean: Tensor,
    inverse_deviation: Tensor,
    weight_gradient: Option<Tensor>,
    bias_gradient: Option<Tensor>,
    wants_input_gradient: bool,
    input_gradient: Option<Tensor>,
}

impl Work for BatchNormWork {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        true
    }

    fn forward(&mut self, input: &Tensor) {
        let [mean, variance, batches] = match &self.running {
            Some([mean, variance, batches]) => [Some(mean), Some(variance), Some(batches)],
            None => [None; 3],
        };
        let momentum = if self.mode.is_train() { next_momentum(self.momentum, batches) } else { 0.0 };
        let _ = input.native_batch_norm_out(
            &self.output,
            &self.mean,
            &self.inverse_deviation,
            self.weight.as_ref(),
            self.bias.as_ref(),
            mean,
            variance,
            self.of_batch,
            momentum,
            self.eps,
        );
    }

    fn backward(&mut self, input: &Tensor, gradient: &Tensor) {
        let into = Gradients {
            input: self.wants_input_gradient,
            weight: self.weight_gradient.as_ref(),
            bias: self.bias_gradient.as_ref(),
        };
        let saved = (&self.mean, &self.inverse_deviation);
        let weight = self.weight.as_ref();
        let backward = planned::batch_norm_backward(gradient, input, weight, saved, self.eps, into);
        self.input_gradient = backward.expect("the backward takes what the forward took");
    }

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        self.input_gradient.as_ref().unwrap_or(gradient)
    }
}
