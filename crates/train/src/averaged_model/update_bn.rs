use selvedge_nn::{AverageOverBatches, Forward, Mode, Module, Visitor};
use tch::Tensor;

/// Gives the batch normalisations of a model the mean statistics of some batches of inputs:
/// `torch.optim.swa_utils.update_bn`. Averaged weights need it, because the running statistics are those of other
/// weights.
///
/// # Panics
///
/// When the shape of a batch is not what the model takes.
///
/// ```
/// use selvedge_nn::BatchNorm1d;
/// use selvedge_train::{AveragedModel, Averaging, update_bn};
/// use tch::Tensor;
///
/// let model = BatchNorm1d::new(1);
/// let averaged = AveragedModel::new(BatchNorm1d::new(1), &model, Averaging::Swa)?;
/// averaged.update_parameters(&model);
/// let batches = [[1.0f32, 3.0], [3.0, 5.0]].map(|batch| Tensor::from_slice(&batch).unsqueeze(1));
/// update_bn(&averaged, batches);
/// assert_eq!(averaged.module.running_mean.unwrap().double_value(&[0]), 3.0);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[track_caller]
pub fn update_bn<M: Forward>(model: &M, batches: impl IntoIterator<Item = Tensor>) {
    let mut statistics = Statistics { reset: true, found: false };
    statistics.module("", model);
    if !statistics.found {
        return;
    }
    let _no_grad = tch::no_grad_guard();
    let _averaged = AverageOverBatches::start();
    for batch in batches {
        let _ = model.forward(&batch, Mode::Train);
    }
}

/// Whether a part of the model has statistics that [`update_bn`] would replace.
pub(crate) fn has_running_statistics<M: Module>(model: &M) -> bool {
    let mut statistics = Statistics { reset: false, found: false };
    statistics.module("", model);
    statistics.found
}

/// Looks for running statistics in all parts, and resets them.
struct Statistics {
    reset: bool,
    found: bool,
}

impl Visitor for Statistics {
    fn parameter(&mut self, _: &str, _: &Tensor) {}

    fn buffer(&mut self, _: &str, _: &Tensor) {}

    fn module(&mut self, _: &str, module: &dyn Module) {
        if let Some(statistics) = module.running_statistics() {
            self.found = true;
            if self.reset {
                statistics.reset();
            }
        }
        module.visit(self);
    }
}
