mod averaging;
mod update_bn;

pub use averaging::Averaging;
pub(crate) use update_bn::has_running_statistics;
pub use update_bn::update_bn;

use selvedge_nn::{Forward, Mode, Module, ModuleExt};
use tch::Tensor;

use crate::TrainError;

/// A model whose parameters are averages of another's over its training: `torch.optim.swa_utils.AveragedModel`.
///
/// Its state dict is PyTorch's: `n_averaged` and the model's own under `module`. To go on from a saved one, make it as at
/// first and call `load_state_dict`; how it averages is no part of the state.
///
/// The batch normalisations of an averaged model need statistics of its own: [`update_bn`], or `use_buffers`.
///
/// Differs from PyTorch: a Rust model can not be copied, so the caller makes a second one, whose values are
/// replaced. The weight of [`Averaging::Swa`] is a double on every device; on a GPU, PyTorch rounds it to f32.
///
/// ```
/// use selvedge_nn::{Linear, ModuleExt};
/// use selvedge_train::{AveragedModel, Averaging};
///
/// let model = Linear::new(2, 1);
/// let averaged = AveragedModel::new(Linear::new(2, 1), &model, Averaging::Ema { decay: 0.9 })?;
/// averaged.update_parameters(&model);
/// assert_eq!(averaged.module.weight, model.weight);
/// assert_eq!(averaged.state_dict().iter().next().map(|(path, _)| path), Some("n_averaged"));
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Module)]
pub struct AveragedModel<M: Module> {
    /// How many models went into the average.
    #[module(buffer)]
    pub n_averaged: Tensor,
    /// The model that holds the averages.
    pub module: M,
    /// How they are made.
    #[module(skip)]
    pub averaging: Averaging,
    /// Whether buffers are averaged, too, instead of copied. Default: `false`.
    #[module(skip)]
    pub use_buffers: bool,
}

impl<M: Module> AveragedModel<M> {
    /// A copy of `model` in `module`, which is a model of the same architecture, on any device.
    ///
    /// # Errors
    ///
    /// When the decay is not in [0, 1] or the two models differ in their parameters.
    pub fn new<N: Module + ?Sized>(module: M, model: &N, averaging: Averaging) -> Result<Self, TrainError> {
        averaging.validate()?;
        module.load_state_dict(&model.state_dict()).map_err(|error| TrainError::StateDict {
            unit: "AveragedModel",
            difference: error.to_string(),
        })?;
        Ok(Self { n_averaged: Tensor::from(0_i64), module, averaging, use_buffers: false })
    }

    /// Takes the parameters of `model` into the average; the first model is copied.
    pub fn update_parameters<N: Module + ?Sized>(&self, model: &N) {
        self.update_with(model, |averages, currents, count| {
            self.averaging.update(averages, currents, count);
        });
    }

    /// As [`update_parameters`](Self::update_parameters), but `average` makes the averages: it is given them and the
    /// tensors of `model`, in the same order and on the same device, with the number of models that are in the averages,
    /// and changes them in place. PyTorch's `avg_fn` and `multi_avg_fn`. It is not called for the first model.
    pub fn update_with<N: Module + ?Sized>(
        &self,
        model: &N,
        average: impl FnOnce(&[Tensor], &[Tensor], i64),
    ) {
        let _no_grad = tch::no_grad_guard();
        let count = self.n_averaged.int64_value(&[]);
        let parameters = self.module.named_parameters().into_iter().zip(model.named_parameters());
        let buffers = self.module.named_buffers().into_iter().zip(model.named_buffers());
        let parameters = parameters.map(|pair| (pair, true));
        let buffers = buffers.map(|pair| (pair, self.use_buffers));
        let (mut averages, mut currents) = (Vec::new(), Vec::new());
        for (((_, mut averaged), (_, current)), counts) in parameters.chain(buffers) {
            if count == 0 || !counts {
                averaged.copy_(&current);
            } else {
                currents.push(current.detach().to_device(averaged.device()));
                averages.push(averaged.detach());
            }
        }
        if count > 0 {
            average(&averages, &currents, count);
        }
        let _ = self.n_averaged.shallow_clone().g_add_scalar_(1);
    }
}

impl<M: Forward> Forward for AveragedModel<M> {
    #[track_caller]
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        self.module.forward(input, mode)
    }
}
