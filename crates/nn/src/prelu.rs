use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::repr::python;
use crate::{Forward, Mode, Module, functional, misuse, observe, parameter};

/// Values above 0 as they are, others times a slope that is learned. PyTorch: `torch.nn.PReLU`, by He et al.,
/// Delving Deep into Rectifiers, 2015.
///
/// # Shapes
///
/// Any; with more than one slope, `[batch, num_parameters, ..]` or `[num_parameters]`.
///
/// ```
/// use selvedge_nn::{Forward, Mode, Prelu};
/// use tch::Tensor;
///
/// let output = Prelu::new().forward(&Tensor::from_slice(&[-1_f32, 2.0]), Mode::Eval);
/// assert_eq!(output, Tensor::from_slice(&[-0.25_f32, 2.0]));
/// ```
#[derive(Debug, Module)]
#[module(name = "PReLU", extra_repr)]
pub struct Prelu {
    /// The slopes, shape `[num_parameters]`.
    #[module(parameter)]
    pub weight: Tensor,
}

/// The options of [`Prelu`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreluOptions {
    /// The number of slopes: one for all values, or one for each channel. Default 1.
    pub num_parameters: i64,
    /// The initial slope. Default 0.25.
    pub init: f64,
}

impl Default for PreluOptions {
    fn default() -> Self {
        Self { num_parameters: 1, init: 0.25 }
    }
}

impl Prelu {
    /// One slope, at first 0.25.
    #[must_use]
    pub fn new() -> Self {
        Self::with(PreluOptions::default())
    }

    /// A layer with options.
    ///
    /// # Panics
    ///
    /// When the number of slopes is negative.
    #[must_use]
    #[track_caller]
    pub fn with(options: PreluOptions) -> Self {
        let PreluOptions { num_parameters, init } = options;
        assert!(num_parameters >= 0, "PReLU: expected num_parameters of at least 0, found {num_parameters}");
        Self { weight: parameter::filled(&[num_parameters], init) }
    }

    fn extra_repr(&self) -> String {
        python::arguments(&[("num_parameters", &self.weight.size()[0])])
    }
}

impl Default for Prelu {
    fn default() -> Self {
        Self::new()
    }
}

impl Forward for Prelu {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        let (count, size) = (self.weight.size()[0], input.size());
        if count != 1 && size.get(1).or(size.first()) != Some(&count) {
            misuse::shape(self, format_args!("[batch, {count}, ..] or [{count}]"), input);
        }
        observe(self, functional::prelu(input, &self.weight))
    }
}
