//! The network of the recipes on loss and optimizer: its output is the logarithm of the probabilities, which
//! is what the negative log likelihood takes.

use selvedge_nn::plan::{Chain, Refusal};
use selvedge_nn::{Flatten, Forward, Linear, LogSoftmax, Mode, Module, Relu};
use tch::Tensor;

use crate::{CLASSES, PIXELS};

/// 784 → 256 → 128 → 10, ReLU after each hidden layer, log softmax at the end.
#[derive(Debug, Module)]
pub struct FashionNetwork {
    /// 784 pixels to 256 units.
    pub hidden1: Linear,
    /// 256 units to 128.
    pub hidden2: Linear,
    /// 128 units to a value for each class.
    pub output: Linear,
    /// Makes the ten values of a row logarithms of probabilities.
    pub log_softmax: LogSoftmax,
    /// Between the layers.
    pub activation: Relu,
}

impl FashionNetwork {
    /// The network, its weights drawn from libtorch's generator.
    #[must_use]
    pub fn new() -> Self {
        Self {
            hidden1: Linear::new(PIXELS, 256),
            hidden2: Linear::new(256, 128),
            output: Linear::new(128, CLASSES),
            log_softmax: LogSoftmax { dim: Some(1) },
            activation: Relu,
        }
    }
}

impl Default for FashionNetwork {
    fn default() -> Self {
        Self::new()
    }
}

impl Forward for FashionNetwork {
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        let input = input.flatten(1, -1);
        let hidden = self.activation.forward(&self.hidden1.forward(&input, mode), mode);
        let hidden = self.activation.forward(&self.hidden2.forward(&hidden, mode), mode);
        self.log_softmax.forward(&self.output.forward(&hidden, mode), mode)
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        chain
            .then("flatten", &Flatten::default())?
            .then("hidden1", &self.hidden1)?
            .then("activation", &self.activation)?
            .then("hidden2", &self.hidden2)?
            .then("activation", &self.activation)?
            .then("output", &self.output)?
            .then("log_softmax", &self.log_softmax)?;
        Ok(())
    }
}
