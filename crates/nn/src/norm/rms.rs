use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{NormalizedShape, check};
use crate::repr::python::{self, Python};
use crate::{Forward, Mode, Module, NnError, functional, misuse, observe, parameter};

/// Divides the last dimensions of each sample by their root mean square, then scales each value.
///
/// `output = input / √(mean(input²) + eps) · weight`. PyTorch: `torch.nn.RMSNorm`, by Zhang and Sennrich, 2019.
///
/// # Shapes
///
/// `[.., normalized_shape..]`; the output has the shape of the input.
///
/// ```
/// use selvedge_nn::{Forward, Mode, RmsNorm};
/// use tch::Tensor;
///
/// let output = RmsNorm::new(2).forward(&Tensor::from_slice(&[3_f32, -3.0]), Mode::Eval);
/// assert_eq!(output, Tensor::from_slice(&[1_f32, -1.0]));
/// ```
#[derive(Debug, Module)]
#[module(name = "RMSNorm", extra_repr)]
pub struct RmsNorm {
    /// The scales, of the normalised shape. At first 1.
    #[module(parameter)]
    pub weight: Option<Tensor>,
    #[module(skip)]
    normalized_shape: NormalizedShape,
    #[module(skip)]
    eps: Option<f64>,
}

/// The options of [`RmsNorm`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RmsNormOptions {
    /// Added to the mean square. Default `None`: the difference between 1 and the next number of the input's
    /// kind.
    pub eps: Option<f64>,
    /// Whether there is a weight. Default `true`.
    pub elementwise_affine: bool,
}

impl Default for RmsNormOptions {
    fn default() -> Self {
        Self { eps: None, elementwise_affine: true }
    }
}

impl RmsNorm {
    /// A layer with PyTorch's defaults.
    ///
    /// # Panics
    ///
    /// When a size is negative, or there is none.
    #[must_use]
    #[track_caller]
    pub fn new(normalized_shape: impl Into<NormalizedShape>) -> Self {
        Self::with(normalized_shape, RmsNormOptions::default()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A layer with options.
    ///
    /// # Errors
    ///
    /// When a size is negative or there is none, or `eps` is negative or no number.
    pub fn with(
        normalized_shape: impl Into<NormalizedShape>,
        options: RmsNormOptions,
    ) -> Result<Self, NnError> {
        let normalized_shape = normalized_shape.into();
        check::normalized_shape("RMSNorm", &normalized_shape)?;
        check::eps("RMSNorm", options.eps.unwrap_or(0.0))?;
        let size = normalized_shape.as_slice();
        let weight = options.elementwise_affine.then(|| parameter::filled(size, 1.0));
        Ok(Self { weight, eps: options.eps, normalized_shape })
    }

    fn extra_repr(&self) -> String {
        let rest = python::arguments(&[("eps", &self.eps), ("elementwise_affine", &self.weight.is_some())]);
        format!("{}, {rest}", self.normalized_shape.as_slice().python())
    }
}

impl Forward for RmsNorm {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        let size = self.normalized_shape.as_slice();
        misuse::last_dimensions(self, size, input);
        observe(self, functional::rms_norm(input, size, self.weight.as_ref(), self.eps))
    }
}
