use tch::Tensor;

use super::{LossStage, LossWork, same_device, scalar};
use crate::MseLoss;
use crate::loss::Reduction;

/// [`MseLoss`] in a compiled step.
#[derive(Debug)]
pub(in crate::loss) struct MseStage(pub(in crate::loss) MseLoss);

impl LossStage for MseStage {
    fn place(&self, output: &Tensor, target: &Tensor) -> Result<Box<dyn LossWork>, String> {
        if self.0.reduction == Reduction::None {
            return Err("its reduction gives no single value".to_owned());
        }
        if output.size() != target.size() || output.kind() != target.kind() {
            return Err(format!(
                "expected a target of shape {:?} and kind {:?}, as the output, found {:?} and {:?}",
                output.size(),
                output.kind(),
                target.size(),
                target.kind()
            ));
        }
        same_device(output, target.device())?;
        Ok(Box::new(MseWork {
            reduction: self.0.reduction.into(),
            value: scalar(output, 0.0),
            one: scalar(output, 1.0),
            gradient: output.empty_like(),
        }))
    }
}

struct MseWork {
    reduction: tch::Reduction,
    value: Tensor,
    /// The gradient of the loss itself.
    one: Tensor,
    gradient: Tensor,
}

impl LossWork for MseWork {
    fn forward(&mut self, output: &Tensor, target: &Tensor) {
        // On the CPU the form that writes into a tensor resizes it to all the losses before it reduces them.
        self.value = output.mse_loss(target, self.reduction);
    }

    fn value(&self) -> &Tensor {
        &self.value
    }

    fn backward(&mut self, output: &Tensor, target: &Tensor) {
        let _ = output.mse_loss_backward_grad_input(&self.gradient, &self.one, target, self.reduction);
    }

    fn gradient(&self) -> &Tensor {
        &self.gradient
    }
}
