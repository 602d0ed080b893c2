mod kernel;
mod known;
mod product;
mod stage;

use serde::{Deserialize, Serialize};
use tch::Tensor;

pub(crate) use known::Known;

use crate::plan::{Chain, Refusal};
use crate::repr::python;
use crate::summary::{observe_products, products};
use crate::{Forward, Mode, Module, functional, misuse, parameter};

/// A fully connected layer: `output = input · weightᵀ + bias`.
///
/// The weight and the bias are drawn from U(-1/√in_features, 1/√in_features). PyTorch: `torch.nn.Linear`.
///
/// # Shapes
///
/// From `[.., in_features]` to `[.., out_features]`, with any number of dimensions before.
///
/// ```
/// use selvedge_nn::{Forward, Linear, Mode};
/// use tch::{Device, Kind, Tensor};
///
/// let layer = Linear::new(784, 256);
/// assert_eq!(layer.to_string(), "Linear(in_features=784, out_features=256, bias=True)");
/// let input = Tensor::randn([64, 784], (Kind::Float, Device::Cpu));
/// assert_eq!(layer.forward(&input, Mode::Eval).size(), [64, 256]);
/// ```
#[derive(Debug, Module)]
#[module(extra_repr)]
pub struct Linear {
    /// Shape `[out_features, in_features]`.
    #[module(parameter)]
    pub weight: Tensor,
    /// Shape `[out_features]`.
    #[module(parameter)]
    pub bias: Option<Tensor>,
}

/// The options of [`Linear`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearOptions {
    /// Whether the layer has a bias. Default `true`.
    pub bias: bool,
}

impl Default for LinearOptions {
    fn default() -> Self {
        Self { bias: true }
    }
}

impl Linear {
    /// A layer with a bias.
    ///
    /// # Panics
    ///
    /// When a size is negative.
    #[must_use]
    #[track_caller]
    pub fn new(in_features: i64, out_features: i64) -> Self {
        Self::with(in_features, out_features, LinearOptions::default())
    }

    /// A layer with options.
    ///
    /// # Panics
    ///
    /// When a size is negative.
    #[must_use]
    #[track_caller]
    pub fn with(in_features: i64, out_features: i64, options: LinearOptions) -> Self {
        assert!(in_features >= 0, "Linear: expected in_features of at least 0, found {in_features}");
        assert!(out_features >= 0, "Linear: expected out_features of at least 0, found {out_features}");
        let size = [out_features, in_features];
        let weight = parameter::weight(&size);
        Self { weight, bias: options.bias.then(|| parameter::bias(out_features, &size)) }
    }

    /// The length of the last dimension of an input.
    #[must_use]
    pub fn in_features(&self) -> i64 {
        self.weight.size()[1]
    }

    /// The length of the last dimension of the output.
    #[must_use]
    pub fn out_features(&self) -> i64 {
        self.weight.size()[0]
    }

    /// A layer with the same values in tensors of its own.
    pub(crate) fn copied(&self) -> Self {
        Self { weight: parameter::copied(&self.weight), bias: self.bias.as_ref().map(parameter::copied) }
    }

    fn extra_repr(&self) -> String {
        python::arguments(&[
            ("in_features", &self.in_features()),
            ("out_features", &self.out_features()),
            ("bias", &self.bias.is_some()),
        ])
    }
}

impl Forward for Linear {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        let in_features = self.in_features();
        if input.size().last() != Some(&in_features) {
            misuse::shape(self, format_args!("[.., {in_features}]"), input);
        }
        let output = functional::linear(input, &self.weight, self.bias.as_ref());
        observe_products(self, output, |output| products(&self.weight, output))
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        let (weight, bias) = (self.weight.shallow_clone(), self.bias.as_ref().map(Tensor::shallow_clone));
        chain.push("Linear", stage::LinearStage { weight, bias });
        Ok(())
    }
}
