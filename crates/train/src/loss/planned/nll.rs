use selvedge_torch::planned;
use tch::Tensor;

use super::{LossStage, LossWork, class_indices, scalar};
use crate::NllLoss;
use crate::loss::{Reduction, weights};

/// [`NllLoss`] in a compiled step.
#[derive(Debug)]
pub(in crate::loss) struct NllStage(pub(in crate::loss) NllLoss);

impl LossStage for NllStage {
    fn place(&self, output: &Tensor, target: &Tensor) -> Result<Box<dyn LossWork>, String> {
        Ok(Box::new(NllWork::new(&self.0, output, target)?))
    }
}

/// Also the second half of the cross entropy.
pub(super) struct NllWork {
    weight: Option<Tensor>,
    ignore_index: i64,
    reduction: tch::Reduction,
    value: Tensor,
    /// What the mean divides by.
    total_weight: Tensor,
    /// The gradient of the loss itself.
    one: Tensor,
    gradient: Tensor,
}

impl NllWork {
    pub(super) fn new(loss: &NllLoss, output: &Tensor, target: &Tensor) -> Result<Self, String> {
        class_indices(output, target)?;
        if loss.reduction == Reduction::None {
            return Err("its reduction gives no single value".to_owned());
        }
        let classes = output.size()[1];
        let weight = weights::tensor(loss.weight.as_deref(), output);
        if let Some(weight) = weight.as_ref().filter(|weight| weight.size() != [classes]) {
            return Err(format!("it has weights of shape {:?}, expected [{classes}]", weight.size()));
        }
        Ok(Self {
            weight,
            ignore_index: loss.ignore_index,
            reduction: loss.reduction.into(),
            value: scalar(output, 0.0),
            total_weight: scalar(output, 0.0),
            one: scalar(output, 1.0),
            gradient: output.empty_like(),
        })
    }
}

impl LossWork for NllWork {
    #[track_caller]
    fn forward(&mut self, output: &Tensor, target: &Tensor) {
        let weight = self.weight.as_ref();
        let (value, total_weight) = (&self.value, &self.total_weight);
        planned::nll_loss(value, total_weight, output, target, weight, self.reduction, self.ignore_index)
            .unwrap_or_else(|error| panic!("{error}"));
    }

    fn value(&self) -> &Tensor {
        &self.value
    }

    fn backward(&mut self, output: &Tensor, target: &Tensor) {
        let _ = output.nll_loss_backward_grad_input(
            &self.gradient,
            &self.one,
            target,
            self.weight.as_ref(),
            self.reduction,
            self.ignore_index,
            &self.total_weight,
        );
    }

    fn gradient(&self) -> &Tensor {
        &self.gradient
    }
}
