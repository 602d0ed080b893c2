use selvedge_nn::{Flatten, Linear, LogSoftmax, Module, ModuleExt, Relu, Sequential};
use tch::Tensor;

/// The sizes of the chapter's network: the values of an image, two hidden layers, the classes.
pub const SIZES: [i64; 4] = [784, 256, 128, 10];

/// The chapter's network: 784 → 256 → 128 → 10, ReLU between the layers, log softmax at the end.
#[must_use]
pub fn fashion_network() -> Sequential {
    connected(&SIZES)
}

/// Fully connected layers of these sizes, ReLU between them, log softmax at the end.
#[must_use]
pub fn connected(sizes: &[i64]) -> Sequential {
    let mut network = Sequential::new().then(Flatten::default());
    for (index, pair) in sizes.windows(2).enumerate() {
        if index > 0 {
            network = network.then(Relu);
        }
        network = network.then(Linear::new(pair[0], pair[1]));
    }
    network.then(LogSoftmax { dim: Some(1) })
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
