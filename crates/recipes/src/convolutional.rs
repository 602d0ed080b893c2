//! A small convolutional network, since images deserve one.

use selvedge_nn::plan::{Chain, Refusal};
use selvedge_nn::{
    Conv2d, ConvOptions, Dropout, Flatten, Forward, Linear, LogSoftmax, MaxPool2d, Mode, Module, Relu,
    Unflatten, functional as F,
};
use tch::Tensor;

use crate::CLASSES;

/// Two convolutions of 3 × 3, each followed by ReLU and a pool of 2 × 2, then two fully connected layers:
/// 28 × 28 × 1 → 14 × 14 × 32 → 7 × 7 × 64 → 128 → 10.
#[derive(Debug, Module)]
pub struct FashionNetwork {
    /// 1 channel to 32.
    pub convolution1: Conv2d,
    /// 32 channels to 64.
    pub convolution2: Conv2d,
    /// Halves height and width.
    pub pool: MaxPool2d,
    /// The 7 × 7 × 64 values to 128 units.
    pub hidden: Linear,
    /// Before the output layer; the identity in [`Mode::Eval`].
    pub drop: Dropout,
    /// 128 units to a value for each class.
    pub output: Linear,
}

impl FashionNetwork {
    /// The network, its weights drawn from libtorch's generator.
    #[must_use]
    pub fn new() -> Self {
        let same_size = || ConvOptions { padding: 1.into(), ..ConvOptions::default() };
        Self {
            convolution1: Conv2d::with(1, 32, 3, same_size()).expect("these options are valid"),
            convolution2: Conv2d::with(32, 64, 3, same_size()).expect("these options are valid"),
            pool: MaxPool2d::new(2),
            hidden: Linear::new(7 * 7 * 64, 128),
            drop: Dropout { p: 0.25 },
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
        let images = input.view([-1, 1, 28, 28]);
        let features = self.pool.forward(&F::relu(&self.convolution1.forward(&images, mode)), mode);
        let features = self.pool.forward(&F::relu(&self.convolution2.forward(&features, mode)), mode);
        let hidden = F::relu(&self.hidden.forward(&features.flatten(1, -1), mode));
        let hidden = self.drop.forward(&hidden, mode);
        F::log_softmax(&self.output.forward(&hidden, mode), Some(1))
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        chain
            .then("flatten", &Flatten::default())?
            .then("images", &Unflatten::new(1, [1, 28, 28]))?
            .then("convolution1", &self.convolution1)?
            .then("relu", &Relu)?
            .then("pool", &self.pool)?
            .then("convolution2", &self.convolution2)?
            .then("relu", &Relu)?
            .then("pool", &self.pool)?
            .then("flatten", &Flatten::default())?
            .then("hidden", &self.hidden)?
            .then("relu", &Relu)?
            .then("drop", &self.drop)?
            .then("output", &self.output)?
            .then("log_softmax", &LogSoftmax::new(1))?;
        Ok(())
    }
}
