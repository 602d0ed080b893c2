use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::check;
use crate::repr::python;
use crate::{Forward, Mode, Module, NnError, functional, misuse, observe, parameter};

/// Gives each group of channels of each sample mean 0 and variance 1, then scales and shifts each channel.
///
/// `output = (input - mean) / √(variance + eps) · weight + bias`. PyTorch: `torch.nn.GroupNorm`, by Wu and He, 2018.
///
/// # Shapes
///
/// `[batch, num_channels, ..]`; the output has the shape of the input.
///
/// # Panics
///
/// `forward` does when the shape does not fit, or a group has only one value.
///
/// ```
/// use selvedge_nn::{Forward, GroupNorm, Mode};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::randn([8, 16, 5, 5], (Kind::Float, Device::Cpu));
/// assert_eq!(GroupNorm::new(4, 16).forward(&images, Mode::Eval).size(), images.size());
/// ```
#[derive(Debug, Module)]
#[module(extra_repr)]
pub struct GroupNorm {
    /// The scales, shape `[num_channels]`. At first 1.
    #[module(parameter)]
    pub weight: Option<Tensor>,
    /// The shifts, shape `[num_channels]`. At first 0.
    #[module(parameter)]
    pub bias: Option<Tensor>,
    #[module(skip)]
    num_groups: i64,
    #[module(skip)]
    num_channels: i64,
    #[module(skip)]
    eps: f64,
}

/// The options of [`GroupNorm`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupNormOptions {
    /// Added to the variance. Default 1e-5.
    pub eps: f64,
    /// Whether there is a weight. Default `true`.
    pub affine: bool,
    /// Whether there is a bias beside the weight. Default `true`.
    pub bias: bool,
}

impl Default for GroupNormOptions {
    fn default() -> Self {
        Self { eps: 1e-5, affine: true, bias: true }
    }
}

impl GroupNorm {
    /// A layer with PyTorch's defaults.
    ///
    /// # Panics
    ///
    /// When the groups do not divide the channels.
    #[must_use]
    #[track_caller]
    pub fn new(num_groups: i64, num_channels: i64) -> Self {
        Self::with(num_groups, num_channels, GroupNormOptions::default())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// A layer with options.
    ///
    /// # Errors
    ///
    /// When the groups do not divide the channels, or `eps` is negative or no number.
    pub fn with(num_groups: i64, num_channels: i64, options: GroupNormOptions) -> Result<Self, NnError> {
        check::sizes("GroupNorm", "num_channels", &[num_channels])?;
        if num_groups < 1 || num_channels % num_groups != 0 {
            let expected = format!("a divisor of the {num_channels} channels");
            return Err(NnError::option("GroupNorm", "num_groups", expected, num_groups));
        }
        check::eps("GroupNorm", options.eps)?;
        let size = [num_channels];
        let weight = options.affine.then(|| parameter::filled(&size, 1.0));
        let bias = (options.affine && options.bias).then(|| parameter::filled(&size, 0.0));
        Ok(Self { weight, bias, num_groups, num_channels, eps: options.eps })
    }

    fn extra_repr(&self) -> String {
        let rest = python::arguments(&[
            ("eps", &self.eps),
            ("affine", &self.weight.is_some()),
            ("bias", &self.bias.is_some()),
        ]);
        format!("{}, {}, {rest}", self.num_groups, self.num_channels)
    }
}

impl Forward for GroupNorm {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        if input.size().get(1) != Some(&self.num_channels) {
            misuse::shape(self, format_args!("[batch, {}, ..]", self.num_channels), input);
        }
        let (weight, bias) = (self.weight.as_ref(), self.bias.as_ref());
        observe(self, functional::group_norm(input, self.num_groups, weight, bias, self.eps))
    }
}
