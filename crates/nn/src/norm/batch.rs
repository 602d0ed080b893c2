mod stage;

use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::channels::{self, Channels};
use super::{RunningStatistics, check, running_statistics};
use crate::plan::{Chain, Refusal};
use crate::{Forward, Mode, Module, NnError, functional, misuse, observe};

/// Gives each channel mean 0 and variance 1 over the batch, then scales and shifts it, usually by the names
/// [`BatchNorm1d`], [`BatchNorm2d`] and [`BatchNorm3d`].
///
/// `output = (input - mean) / √(variance + eps) · weight + bias`. In [`Mode::Train`] the mean and the variance are
/// those of the batch, and the running ones move towards them; in [`Mode::Eval`] they are the running ones.
/// PyTorch: `torch.nn.BatchNorm1d`, `BatchNorm2d`, `BatchNorm3d`, by Ioffe and Szegedy, 2015.
///
/// # Shapes
///
/// `[batch, num_features, sizes..]` with `N` sizes; for `N` = 1 also `[batch, num_features]`. The output has the
/// shape of the input.
///
/// # Panics
///
/// `forward` does when the shape does not fit, or, in training, when there is only one value for each channel.
///
/// ```
/// use selvedge_nn::{BatchNorm2d, Forward, Mode, ModuleExt};
/// use tch::{Device, Kind, Tensor};
///
/// let layer = BatchNorm2d::new(16);
/// let images = Tensor::randn([8, 16, 5, 5], (Kind::Float, Device::Cpu));
/// assert_eq!(layer.forward(&images, Mode::Train).size(), images.size());
/// assert_eq!(layer.state_dict().get("num_batches_tracked").unwrap().int64_value(&[]), 1);
/// ```
#[derive(Debug, Module)]
#[module(name = Self::NAME, extra_repr, running_statistics)]
pub struct BatchNorm<const N: usize> {
    /// The scales, shape `[num_features]`. At first 1.
    #[module(parameter)]
    pub weight: Option<Tensor>,
    /// The shifts, shape `[num_features]`. At first 0.
    #[module(parameter)]
    pub bias: Option<Tensor>,
    /// The running mean, shape `[num_features]`. At first 0.
    #[module(buffer)]
    pub running_mean: Option<Tensor>,
    /// The running variance, shape `[num_features]`. At first 1.
    #[module(buffer)]
    pub running_var: Option<Tensor>,
    /// The number of batches that the running values have seen.
    #[module(buffer)]
    pub num_batches_tracked: Option<Tensor>,
    #[module(skip)]
    num_features: i64,
    #[module(skip)]
    options: BatchNormOptions,
}

/// A [`BatchNorm`] over rows `[batch, features]` or signals `[batch, channels, length]`.
pub type BatchNorm1d = BatchNorm<1>;
/// A [`BatchNorm`] over images, `[batch, channels, height, width]`.
pub type BatchNorm2d = BatchNorm<2>;
/// A [`BatchNorm`] over volumes, `[batch, channels, depth, height, width]`.
pub type BatchNorm3d = BatchNorm<3>;

/// The options of [`BatchNorm`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BatchNormOptions {
    /// Added to the variance. Default 1e-5.
    pub eps: f64,
    /// How far the running values move towards those of a batch; `None` for their average over all batches.
    /// Default 0.1.
    pub momentum: Option<f64>,
    /// Whether there is a weight. Default `true`.
    pub affine: bool,
    /// Whether there are running values; without them, those of the batch are used in both modes. Default
    /// `true`.
    pub track_running_stats: bool,
    /// Whether there is a bias beside the weight. Default `true`.
    pub bias: bool,
}

impl Default for BatchNormOptions {
    fn default() -> Self {
        Self { eps: 1e-5, momentum: Some(0.1), affine: true, track_running_stats: true, bias: true }
    }
}

impl<const N: usize> BatchNorm<N> {
    const NAME: &'static str = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"][N - 1];

    /// A layer with PyTorch's defaults.
    ///
    /// # Panics
    ///
    /// When `num_features` is negative.
    #[must_use]
    #[track_caller]
    pub fn new(num_features: i64) -> Self {
        Self::with(num_features, BatchNormOptions::default()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A layer with options.
    ///
    /// # Errors
    ///
    /// When `num_features` is negative, `eps` is negative or no number, or `momentum` is not in `[0, 1]`.
    pub fn with(num_features: i64, options: BatchNormOptions) -> Result<Self, NnError> {
        let BatchNormOptions { eps, momentum, affine, track_running_stats, bias } = options;
        check::sizes(Self::NAME, "num_features", &[num_features])?;
        check::eps(Self::NAME, eps)?;
        check::momentum(Self::NAME, momentum.unwrap_or(0.0))?;
        let Channels { weight, bias, running_mean, running_var, num_batches_tracked } =
            Channels::start(num_features, affine, bias, track_running_stats);
        Ok(Self { weight, bias, running_mean, running_var, num_batches_tracked, num_features, options })
    }

    /// The options the layer was made with.
    #[must_use]
    pub fn options(&self) -> &BatchNormOptions {
        &self.options
    }

    fn running_statistics(&self) -> Option<RunningStatistics<'_>> {
        Some(RunningStatistics {
            mean: self.running_mean.as_ref()?,
            variance: self.running_var.as_ref()?,
            batches: self.num_batches_tracked.as_ref()?,
        })
    }

    fn extra_repr(&self) -> String {
        let BatchNormOptions { eps, momentum, affine, track_running_stats, .. } = self.options;
        channels::printed(self.num_features, eps, &momentum, affine, self.bias.is_some(), track_running_stats)
    }
}

impl<const N: usize> Forward for BatchNorm<N> {
    #[track_caller]
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        let size = input.size();
        let dims = size.len() == N + 2 || (N == 1 && size.len() == 2);
        if !dims || size[1] != self.num_features {
            let sizes = misuse::DIMENSIONS[N - 1];
            misuse::shape(self, format_args!("[batch, {}, {sizes}]", self.num_features), input);
        }
        let momentum = if mode.is_train() {
            next_momentum(self.options.momentum, self.num_batches_tracked.as_ref())
        } else {
            0.0
        };
        let output = functional::batch_norm(
            input,
            self.running_mean.as_ref().zip(self.running_var.as_ref()),
            self.weight.as_ref(),
            self.bias.as_ref(),
            mode,
            momentum,
            self.options.eps,
        );
        observe(self, output)
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        let BatchNormOptions { eps, momentum, .. } = self.options;
        let running = [&self.running_mean, &self.running_var, &self.num_batches_tracked];
        let running = running.map(|tensor| tensor.as_ref().map(Tensor::shallow_clone));
        let stage = stage::BatchNormStage {
            dimensions: N,
            num_features: self.num_features,
            weight: self.weight.as_ref().map(Tensor::shallow_clone),
            bias: self.bias.as_ref().map(Tensor::shallow_clone),
            running: match running {
                [Some(mean), Some(variance), Some(batches)] => Some([mean, variance, batches]),
                _ => None,
            },
            momentum,
            eps,
        };
        chain.push(Self::NAME, stage);
        Ok(())
    }
}

/// The momentum of this batch, which is counted where batches are.
fn next_momentum(momentum: Option<f64>, batches: Option<&Tensor>) -> f64 {
    let _no_grad = tch::no_grad_guard();
    let batches = batches.map(|batches| batches.shallow_clone().g_add_scalar_(1));
    match (momentum.filter(|_| !running_statistics::averaged()), batches) {
        (Some(momentum), _) => momentum,
        (None, Some(batches)) => 1.0 / batches.int64_value(&[]) as f64,
        (None, None) => 0.0,
    }
}
