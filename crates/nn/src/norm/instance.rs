use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::channels::{self, Channels};
use super::check;
use crate::{Forward, Mode, Module, NnError, functional, misuse, observe};

/// Gives each channel of each sample mean 0 and variance 1, usually by the names [`InstanceNorm1d`],
/// [`InstanceNorm2d`] and [`InstanceNorm3d`].
///
/// `output = (input - mean) / √(variance + eps) · weight + bias`, with the mean and the variance of the sample's own
/// channel, or, in [`Mode::Eval`] with `track_running_stats`, the running ones. PyTorch:
/// `torch.nn.InstanceNorm1d`, `InstanceNorm2d`, `InstanceNorm3d`, by Ulyanov et al., 2016.
///
/// # Shapes
///
/// `[batch, num_features, sizes..]` or `[num_features, sizes..]` with `N` sizes; the output has the shape of the
/// input.
///
/// Differs from PyTorch: another number of channels is refused without weights, too, where it warns.
///
/// # Panics
///
/// `forward` does when the shape does not fit, or a channel has only one value where its own mean is used.
///
/// ```
/// use selvedge_nn::{Forward, InstanceNorm2d, Mode};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::randn([8, 16, 5, 5], (Kind::Float, Device::Cpu));
/// assert_eq!(InstanceNorm2d::new(16).forward(&images, Mode::Eval).size(), images.size());
/// ```
#[derive(Debug, Module)]
#[module(name = Self::NAME, extra_repr)]
pub struct InstanceNorm<const N: usize> {
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
    /// Always 0: PyTorch has this buffer and does not count.
    #[module(buffer)]
    pub num_batches_tracked: Option<Tensor>,
    #[module(skip)]
    num_features: i64,
    #[module(skip)]
    options: InstanceNormOptions,
}

/// An [`InstanceNorm`] over signals, `[batch, channels, length]`.
pub type InstanceNorm1d = InstanceNorm<1>;
/// An [`InstanceNorm`] over images, `[batch, channels, height, width]`.
pub type InstanceNorm2d = InstanceNorm<2>;
/// An [`InstanceNorm`] over volumes, `[batch, channels, depth, height, width]`.
pub type InstanceNorm3d = InstanceNorm<3>;

/// The options of [`InstanceNorm`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstanceNormOptions {
    /// Added to the variance. Default 1e-5.
    pub eps: f64,
    /// How far the running values move towards those of a batch. Default 0.1.
    pub momentum: f64,
    /// Whether there is a weight. Default `false`.
    pub affine: bool,
    /// Whether there are running values. Default `false`.
    pub track_running_stats: bool,
    /// Whether there is a bias beside the weight. Default `true`.
    pub bias: bool,
}

impl Default for InstanceNormOptions {
    fn default() -> Self {
        Self { eps: 1e-5, momentum: 0.1, affine: false, track_running_stats: false, bias: true }
    }
}

impl<const N: usize> InstanceNorm<N> {
    const NAME: &'static str = ["InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"][N - 1];

    /// A layer with PyTorch's defaults: no weight, no bias, no running values.
    ///
    /// # Panics
    ///
    /// When `num_features` is negative.
    #[must_use]
    #[track_caller]
    pub fn new(num_features: i64) -> Self {
        Self::with(num_features, InstanceNormOptions::default()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A layer with options.
    ///
    /// # Errors
    ///
    /// When `num_features` is negative, `eps` is negative or no number, or `momentum` is not in `[0, 1]`.
    pub fn with(num_features: i64, options: InstanceNormOptions) -> Result<Self, NnError> {
        let InstanceNormOptions { eps, momentum, affine, track_running_stats, bias } = options;
        check::sizes(Self::NAME, "num_features", &[num_features])?;
        check::eps(Self::NAME, eps)?;
        check::momentum(Self::NAME, momentum)?;
        let Channels { weight, bias, running_mean, running_var, num_batches_tracked } =
            Channels::start(num_features, affine, bias, track_running_stats);
        Ok(Self { weight, bias, running_mean, running_var, num_batches_tracked, num_features, options })
    }

    /// The options the layer was made with.
    #[must_use]
    pub fn options(&self) -> &InstanceNormOptions {
        &self.options
    }

    fn extra_repr(&self) -> String {
        let InstanceNormOptions { eps, momentum, affine, track_running_stats, .. } = self.options;
        channels::printed(self.num_features, eps, &momentum, affine, self.bias.is_some(), track_running_stats)
    }
}

impl<const N: usize> Forward for InstanceNorm<N> {
    #[track_caller]
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        misuse::channels::<N>(self, self.num_features, input);
        let batched = input.dim() == N + 2;
        let input = if batched { input.shallow_clone() } else { input.unsqueeze(0) };
        let output = functional::instance_norm(
            &input,
            self.running_mean.as_ref().zip(self.running_var.as_ref()),
            self.weight.as_ref(),
            self.bias.as_ref(),
            mode,
            self.options.momentum,
            self.options.eps,
        );
        observe(self, if batched { output } else { output.squeeze_dim(0) })
    }
}
