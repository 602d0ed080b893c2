use tch::{Device, Kind, Tensor};

use crate::init::{self, FanMode, InitError, Nonlinearity};

/// A parameter whose values are all the same.
pub(crate) fn filled(size: &[i64], value: f64) -> Tensor {
    buffer(size, value).set_requires_grad(true)
}

/// A buffer whose values are all the same.
pub(crate) fn buffer(size: &[i64], value: f64) -> Tensor {
    Tensor::full(size, value, FLOAT)
}

/// The weight of the linear and convolutional layers: PyTorch's `kaiming_uniform_(weight, a=sqrt(5))`.
///
/// # Panics
///
/// When it has fewer than 2 dimensions.
pub(crate) fn weight(size: &[i64]) -> Tensor {
    let nonlinearity = Nonlinearity::LeakyRelu { negative_slope: 5_f64.sqrt() };
    drawn(size, |weight| init::kaiming_uniform_(weight, FanMode::FanIn, nonlinearity))
}

/// The bias beside a [`weight`] of that size.
pub(crate) fn bias(length: i64, weight: &[i64]) -> Tensor {
    // The number of inputs that each output of a weight `[outputs, inputs, kernel...]` sums over.
    let fan: i64 = weight.iter().skip(1).product();
    let bound = if fan > 0 { 1.0 / (fan as f64).sqrt() } else { 0.0 };
    uniform(&[length], bound)
}

/// A parameter drawn from U(-bound, bound).
pub(crate) fn uniform(size: &[i64], bound: f64) -> Tensor {
    drawn(size, |parameter| init::uniform_(parameter, -bound, bound))
}

fn drawn(size: &[i64], draw: impl FnOnce(&Tensor) -> Result<(), InitError>) -> Tensor {
    let parameter = Tensor::empty(size, FLOAT);
    draw(&parameter).unwrap_or_else(|error| panic!("a new parameter of shape {size:?}: {error}"));
    parameter.set_requires_grad(true)
}

const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

/// A parameter of its own with the same values.
pub(crate) fn copied(parameter: &Tensor) -> Tensor {
    parameter.detach().copy().set_requires_grad(parameter.requires_grad())
}
