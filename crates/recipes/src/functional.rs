//! The network of the recipe on the functional API: the layers hold the parameters, everything without
//! parameters is a function.

use selvedge_nn::plan::{Chain, Refusal};
use selvedge_nn::{Flatten, Forward, Linear, LogSoftmax, Mode, Module, Relu, functional as F};
use tch::Tensor;

use crate::{CLASSES, PIXELS};

/// 784 → 256 → 128 → 10, with the activations and the log softmax called as functions.
#[derive(Debug, Module)]
pub struct FashionNetwork {
    /// 784 pixels to 256 units.
    pub hidden1: Linear,
    /// 256 units to 128.
    pub hidden2: Linear,
    /// 128 units to a value for each class.
    pub output: Linear,
}

impl FashionNetwork {
    /// The network, its weights drawn from libtorch's generator.
    #[must_use]
    pub fn new() -> Self {
        Self {
            hidden1: Linear::new(PIXELS, 256),
            hidden2: Linear::new(256, 128),
            output: Linear::new(128, CLASSES),
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
        let hidden = F::relu(&self.hidden1.forward(&input.flatten(1, -1), mode));
        let hidden = F::relu(&self.hidden2.forward(&hidden, mode));
        F::log_softmax(&self.output.forward(&hidden, mode), Some(1))
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        chain
            .then("flatten", &Flatten::default())?
            .then("hidden1", &self.hidden1)?
            .then("relu", &Relu)?
            .then("hidden2", &self.hidden2)?
            .then("relu", &Relu)?
            .then("output", &self.output)?
            .then("log_softmax", &LogSoftmax::new(1))?;
        Ok(())
    }
}
