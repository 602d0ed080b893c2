use tch::Device;

use crate::{Compose, ToTensor};

/// How a [`Loader`](crate::Loader) makes its batches.
#[derive(Debug, Clone)]
pub struct LoaderOptions {
    /// The number of images in a batch, at least 1. Default: 1.
    pub batch_size: usize,
    /// Whether each epoch takes the samples in another random order. Default: false.
    pub shuffle: bool,
    /// What the random orders come from. Default: 0.
    pub seed: u64,
    /// Whether a last batch that is not full is left out. Default: false.
    pub drop_last: bool,
    /// What happens to the images. Default: [`ToTensor`].
    pub transform: Compose,
    /// Where the batches are put. Default: the CPU.
    pub device: Device,
}

impl Default for LoaderOptions {
    fn default() -> Self {
        Self {
            batch_size: 1,
            shuffle: false,
            seed: 0,
            drop_last: false,
            transform: Compose::new([ToTensor.into()]),
            device: Device::Cpu,
        }
    }
}
