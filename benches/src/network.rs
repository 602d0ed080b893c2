use selvedge_nn::{Flatten, Linear, LogSoftmax, Module, ModuleExt, Relu, Sequential};
use tch::Tensor;

/// The chapter's network: 784 → 256 → 128 → 10, ReLU between the layers, log softmax at the end.
#[must_use]
pub fn fashion_network() -> Sequential {
    Sequential::new()
        .then(Flatten::default())
        .then(Linear::new(784, 256))
        .then(Relu)
        .then(Linear::new(256, 128))
        .then(Relu)
        .then(Linear::new(128, 10))
        .then(LogSoftmax { dim: Some(1) })
}

/// The parameters of a network, each with a gradient.
#[must_use]
pub fn with_gradients(network: impl Module) -> Vec<Tensor> {
    let parameters = network.parameters();
    for parameter in &parameters {
        (parameter * parameter.detach().randn_like()).sum(parameter.kind()).backward();
    }
    parameters
}
