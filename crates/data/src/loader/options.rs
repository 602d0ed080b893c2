use tch::Device;

use crate::{Compose, ToTensor};

/// How a [`Loader`](crate::Loader) makes its batches.
#[derive(Debug, Clone)]
pub struct LoaderOptions {
    /// The number of images in a batch, at least 1. Default: 1.
    pub batch_size: usize,
    /// Whether each epoch takes the samples in another random order. Default: false.
    pub shuffle: bool,
    /// What the random orders, and the draws of random transforms, come from. Default: 0.
    pub seed: u64,
    /// Whether a last batch that is not full is left out. Default: false.
    pub drop_last: bool,
    /// What happens to the images. Default: [`ToTensor`].
    pub transform: Compose,
    /// The number of threads that make batches ahead; with 0, the caller's thread makes each when it is asked
    /// for. Worth it where a sample takes long, as when it is decoded. Default: 0.
    pub num_workers: usize,
    /// How many batches each worker may be ahead, at least 1. Default: 2.
    pub prefetch_factor: usize,
    /// Where the batches are put. Default: the CPU.
    pub device: Device,
    /// Whether batches go to a CUDA device from pinned memory, while the caller goes on; nothing elsewhere.
    /// Default: false.
    pub pin_memory: bool,
    /// Whether the whole dataset is put onto the device when the loader is made, bytes as bytes, so that a
    /// batch is gathered and transformed there. The samples have to be alike, and are not asked for again.
    /// PyTorch has none like it. Default: false.
    pub resident: bool,
}

impl LoaderOptions {
    /// The most workers, and the most batches that each may be ahead.
    pub const MAX_AHEAD: usize = 1024;
}

impl Default for LoaderOptions {
    fn default() -> Self {
        Self {
            batch_size: 1,
            shuffle: false,
            seed: 0,
            drop_last: false,
            transform: Compose::new([ToTensor.into()]),
            num_workers: 0,
            prefetch_factor: 2,
            device: Device::Cpu,
            pin_memory: false,
            resident: false,
        }
    }
}
