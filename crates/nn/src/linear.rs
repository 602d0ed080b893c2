use tch::{Device, Kind, Tensor};

use crate::{Forward, Mode, Module};

/// A fully connected layer: `output = input · weightᵀ + bias`.
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

impl Linear {
    /// A layer with a bias, initialised as PyTorch does.
    #[must_use]
    pub fn new(in_features: i64, out_features: i64) -> Self {
        let bound = 1.0 / (in_features as f64).sqrt();
        let uniform = |size: &[i64]| {
            let _no_grad = tch::no_grad_guard();
            Tensor::empty(size, (Kind::Float, Device::Cpu)).uniform_(-bound, bound).set_requires_grad(true)
        };
        let weight = uniform(&[out_features, in_features]);
        Self { weight, bias: Some(uniform(&[out_features])) }
    }

    fn extra_repr(&self) -> String {
        let size = self.weight.size();
        let bias = if self.bias.is_some() { "True" } else { "False" };
        format!("in_features={}, out_features={}, bias={bias}", size[1], size[0])
    }
}

impl Forward for Linear {
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        input.linear(&self.weight, self.bias.as_ref())
    }
}
