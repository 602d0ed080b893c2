use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::repr::python;
use crate::summary::{observe_products, products};
use crate::{Module, functional, misuse, parameter};

/// A layer of two inputs: `output[k] = first · weight[k] · secondᵀ + bias[k]`.
///
/// The weight and the bias are drawn from U(-1/√in1_features, 1/√in1_features). PyTorch: `torch.nn.Bilinear`.
/// Since it takes two tensors, it has a `forward` of its own and is not a [`Forward`](crate::Forward).
///
/// # Shapes
///
/// From `[.., in1_features]` and `[.., in2_features]` to `[.., out_features]`.
///
/// ```
/// use selvedge_nn::Bilinear;
/// use tch::{Device, Kind, Tensor};
///
/// let layer = Bilinear::new(20, 30, 40);
/// let first = Tensor::randn([128, 20], (Kind::Float, Device::Cpu));
/// let second = Tensor::randn([128, 30], (Kind::Float, Device::Cpu));
/// assert_eq!(layer.forward(&first, &second).size(), [128, 40]);
/// ```
#[derive(Debug, Module)]
#[module(extra_repr)]
pub struct Bilinear {
    /// Shape `[out_features, in1_features, in2_features]`.
    #[module(parameter)]
    pub weight: Tensor,
    /// Shape `[out_features]`.
    #[module(parameter)]
    pub bias: Option<Tensor>,
}

/// The options of [`Bilinear`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BilinearOptions {
    /// Whether the layer has a bias. Default: true
    pub bias: bool,
}

impl Default for BilinearOptions {
    fn default() -> Self {
        Self { bias: true }
    }
}

impl Bilinear {
    /// A layer with a bias.
    ///
    /// # Panics
    ///
    /// When `in1_features` is not positive or another size is negative.
    #[must_use]
    #[track_caller]
    pub fn new(in1_features: i64, in2_features: i64, out_features: i64) -> Self {
        Self::with(in1_features, in2_features, out_features, BilinearOptions::default())
    }

    /// A layer with options.
    ///
    /// # Panics
    ///
    /// When `in1_features` is not positive or another size is negative.
    #[must_use]
    #[track_caller]
    pub fn with(in1_features: i64, in2_features: i64, out_features: i64, options: BilinearOptions) -> Self {
        assert!(in1_features > 0, "Bilinear: expected in1_features of at least 1, found {in1_features}");
        assert!(in2_features >= 0, "Bilinear: expected in2_features of at least 0, found {in2_features}");
        assert!(out_features >= 0, "Bilinear: expected out_features of at least 0, found {out_features}");
        let bound = 1.0 / (in1_features as f64).sqrt();
        let weight = parameter::uniform(&[out_features, in1_features, in2_features], bound);
        Self { weight, bias: options.bias.then(|| parameter::uniform(&[out_features], bound)) }
    }

    /// The output of the layer for two inputs.
    ///
    /// # Panics
    ///
    /// When the last dimension of an input is not the layer's, or the other dimensions of the two differ.
    #[track_caller]
    pub fn forward(&self, first: &Tensor, second: &Tensor) -> Tensor {
        let size = self.weight.size();
        for (input, features) in [(first, size[1]), (second, size[2])] {
            if input.size().last() != Some(&features) {
                misuse::shape(self, format_args!("[.., {features}]"), input);
            }
        }
        let output = functional::bilinear(first, second, &self.weight, self.bias.as_ref());
        observe_products(self, output, |output| products(&self.weight, output))
    }

    fn extra_repr(&self) -> String {
        let size = self.weight.size();
        python::arguments(&[
            ("in1_features", &size[1]),
            ("in2_features", &size[2]),
            ("out_features", &size[0]),
            ("bias", &self.bias.is_some()),
        ])
    }
}
