use tch::{Device, Kind, Tensor};

/// A parameter drawn from U(-bound, bound).
pub(crate) fn uniform(size: &[i64], bound: f64) -> Tensor {
    let _no_grad = tch::no_grad_guard();
    Tensor::empty(size, FLOAT).uniform_(-bound, bound).set_requires_grad(true)
}

/// A parameter whose values are all the same.
pub(crate) fn filled(size: &[i64], value: f64) -> Tensor {
    buffer(size, value).set_requires_grad(true)
}

/// A buffer whose values are all the same.
pub(crate) fn buffer(size: &[i64], value: f64) -> Tensor {
    Tensor::full(size, value, FLOAT)
}

/// The weight of the linear and convolutional layers: PyTorch's `kaiming_uniform_(weight, a=sqrt(5))`.
pub(crate) fn weight(size: &[i64]) -> Tensor {
    // In PyTorch's own steps: `1 / sqrt(fan)`, which this is, rounds to another bound.
    let gain = (2.0 / (1.0 + 5_f64.sqrt().powi(2))).sqrt();
    uniform(size, 3_f64.sqrt() * (gain / (fan_in(size) as f64).sqrt()))
}

/// The bias beside a [`weight`] of that size.
pub(crate) fn bias(length: i64, weight: &[i64]) -> Tensor {
    let fan = fan_in(weight);
    uniform(&[length], if fan > 0 { 1.0 / (fan as f64).sqrt() } else { 0.0 })
}

/// The number of inputs that each output of a weight `[outputs, inputs, kernel...]` sums over.
fn fan_in(size: &[i64]) -> i64 {
    size.iter().skip(1).product()
}

const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);
