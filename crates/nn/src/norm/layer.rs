use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{NormalizedShape, check};
use crate::repr::python::{self, Python};
use crate::{Forward, Mode, Module, NnError, functional, misuse, observe, parameter};

/// Gives the last dimensions of each sample mean 0 and variance 1, then scales and shifts each value.
///
/// `output = (input - mean) / √(variance + eps) · weight + bias`. PyTorch: `torch.nn.LayerNorm`, by Ba et al., 2016.
///
/// # Shapes
///
/// `[.., normalized_shape..]`; the output has the shape of the input.
///
/// ```
/// use selvedge_nn::{Forward, LayerNorm, Mode};
/// use tch::{Device, Kind, Tensor};
///
/// let words = Tensor::randn([8, 12, 64], (Kind::Float, Device::Cpu));
/// assert_eq!(LayerNorm::new(64).forward(&words, Mode::Eval).size(), words.size());
/// ```
#[derive(Debug, Module)]
#[module(extra_repr)]
pub struct LayerNorm {
    /// The scales, of the normalised shape. At first 1.
    #[module(parameter)]
    pub weight: Option<Tensor>,
    /// The shifts, of the normalised shape. At first 0.
    #[module(parameter)]
    pub bias: Option<Tensor>,
    #[module(skip)]
    normalized_shape: NormalizedShape,
    #[module(skip)]
    eps: f64,
}

/// The options of [`LayerNorm`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LayerNormOptions {
    /// Added to the variance. Default 1e-5.
    pub eps: f64,
    /// Whether there is a weight. Default `true`.
    pub elementwise_affine: bool,
    /// Whether there is a bias beside the weight. Default `true`.
    pub bias: bool,
}

impl Default for LayerNormOptions {
    fn default() -> Self {
        Self { eps: 1e-5, elementwise_affine: true, bias: true }
    }
}

impl LayerNorm {
    /// A layer with PyTorch's defaults.
    ///
    /// # Panics
    ///
    /// When a size is negative, or there is none.
    #[must_use]
    #[track_caller]
    pub fn new(normalized_shape: impl Into<NormalizedShape>) -> Self {
        Self::with(normalized_shape, LayerNormOptions::default()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A layer with options.
    ///
    /// # Errors
    ///
    /// When a size is negative or there is none, or `eps` is negative or no number.
    pub fn with(
        normalized_shape: impl Into<NormalizedShape>,
        options: LayerNormOptions,
    ) -> Result<Self, NnError> {
        let normalized_shape = normalized_shape.into();
        check::normalized_shape("LayerNorm", &normalized_shape)?;
        check::eps("LayerNorm", options.eps)?;
        let size = normalized_shape.as_slice();
        let weight = options.elementwise_affine.then(|| parameter::filled(size, 1.0));
        let bias = (options.elementwise_affine && options.bias).then(|| parameter::filled(size, 0.0));
        Ok(Self { weight, bias, eps: options.eps, normalized_shape })
    }

    /// A layer with the same values in tensors of its own.
    pub(crate) fn copied(&self) -> Self {
        Self {
            weight: self.weight.as_ref().map(parameter::copied),
            bias: self.bias.as_ref().map(parameter::copied),
            normalized_shape: self.normalized_shape.clone(),
            eps: self.eps,
        }
    }

    fn extra_repr(&self) -> String {
        let rest = python::arguments(&[
            ("eps", &self.eps),
            ("elementwise_affine", &self.weight.is_some()),
            ("bias", &self.bias.is_some()),
        ]);
        format!("{}, {rest}", self.normalized_shape.as_slice().python())
    }
}

impl Forward for LayerNorm {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        let size = self.normalized_shape.as_slice();
        misuse::last_dimensions(self, size, input);
        let (weight, bias) = (self.weight.as_ref(), self.bias.as_ref());
        observe(self, functional::layer_norm(input, size, weight, bias, self.eps))
    }
}
