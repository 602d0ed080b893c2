//! The network of the first two recipes: its output is a probability for each class.

use selvedge_nn::plan::{Chain, Refusal};
use selvedge_nn::{Flatten, Forward, Linear, Mode, Module, Relu, Softmax};
use tch::Tensor;

use crate::{CLASSES, PIXELS};

/// 784 → 256 → 128 → 10, the activation after each hidden layer, softmax at the end.
///
/// The activation is a type parameter so that the chapter's variation, `Tanh` in place of ReLU, is the same
/// network: `FashionNetwork::with_activation(Tanh)`.
#[derive(Debug, Module)]
pub struct FashionNetwork<A: Forward = Relu> {
    /// 784 pixels to 256 units.
    pub hidden1: Linear,
    /// 256 units to 128.
    pub hidden2: Linear,
    /// 128 units to a value for each class.
    pub output: Linear,
    /// Makes the ten values of a row probabilities.
    pub softmax: Softmax,
    /// Between the layers.
    pub activation: A,
}

impl FashionNetwork {
    /// The network with ReLU, its weights drawn from libtorch's generator.
    #[must_use]
    pub fn new() -> Self {
        Self::with_activation(Relu)
    }
}

impl Default for FashionNetwork {
    fn default() -> Self {
        Self::new()
    }
}

impl<A: Forward> FashionNetwork<A> {
    /// The network with another activation.
    #[must_use]
    pub fn with_activation(activation: A) -> Self {
        Self {
            hidden1: Linear::new(PIXELS, 256),
            hidden2: Linear::new(256, 128),
            output: Linear::new(128, CLASSES),
            softmax: Softmax { dim: Some(1) },
            activation,
        }
    }
}

impl<A: Forward> Forward for FashionNetwork<A> {
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        let input = input.flatten(1, -1);
        let hidden = self.activation.forward(&self.hidden1.forward(&input, mode), mode);
        let hidden = self.activation.forward(&self.hidden2.forward(&hidden, mode), mode);
        self.softmax.forward(&self.output.forward(&hidden, mode), mode)
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        chain
            .then("flatten", &Flatten::default())?
            .then("hidden1", &self.hidden1)?
            .then("activation", &self.activation)?
            .then("hidden2", &self.hidden2)?
            .then("activation", &self.activation)?
            .then("output", &self.output)?
            .then("softmax", &self.softmax)?;
        Ok(())
    }
}
