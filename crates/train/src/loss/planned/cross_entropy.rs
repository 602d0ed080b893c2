use tch::Tensor;

use super::nll::NllWork;
use super::{LossStage, LossWork};
use crate::{CrossEntropyLoss, NllLoss};

/// [`CrossEntropyLoss`] of class indices in a compiled step: the log softmax, then the negative log-likelihood.
#[derive(Debug)]
pub(in crate::loss) struct CrossEntropyStage(pub(in crate::loss) CrossEntropyLoss);

impl LossStage for CrossEntropyStage {
    fn place(&self, output: &Tensor, target: &Tensor) -> Result<Box<dyn LossWork>, String> {
        let CrossEntropyLoss { weight, ignore_index, reduction, label_smoothing } = self.0.clone();
        if label_smoothing != 0.0 {
            return Err(format!("its label_smoothing of {label_smoothing} is not planned"));
        }
        let likelihood = NllLoss { weight, ignore_index, reduction };
        Ok(Box::new(CrossEntropyWork {
            likelihood: NllWork::new(&likelihood, output, target)?,
            log_probabilities: output.empty_like(),
            gradient: output.empty_like(),
        }))
    }
}

struct CrossEntropyWork {
    log_probabilities: Tensor,
    likelihood: NllWork,
    gradient: Tensor,
}

impl LossWork for CrossEntropyWork {
    #[track_caller]
    fn forward(&mut self, output: &Tensor, target: &Tensor) {
        let _ = output.internal_log_softmax_out(&self.log_probabilities, 1, false);
        self.likelihood.forward(&self.log_probabilities, target);
    }

    fn value(&self) -> &Tensor {
        self.likelihood.value()
    }

    fn backward(&mut self, output: &Tensor, target: &Tensor) {
        self.likelihood.backward(&self.log_probabilities, target);
        let gradient = self.likelihood.gradient();
        let into = &self.gradient;
        let _ = Tensor::internal_log_softmax_backward_data_out(
            into,
            gradient,
            &self.log_probabilities,
            1,
            output.kind(),
        );
    }

    fn gradient(&self) -> &Tensor {
        &self.gradient
    }
}
