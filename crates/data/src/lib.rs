//! Datasets, transforms and the loader that turns them into batches.
//!
//! A [`Dataset`] hands out [`Sample`]s: an image, as bytes or floats, and its label. A [`Loader`] takes them in
//! the order of a [`Sampler`], puts them through a [`Transform`] and yields [`Batch`]es of tensors. The bytes
//! stay bytes until their batch is made.
//!
//! Nothing here prints, and nothing touches the network unless a function named `fetch` is called.

mod batch;
mod dataset;
mod draws;
mod error;
mod fashion_mnist;
mod idx;
mod idx_images;
mod image_bytes;
mod loader;
mod published;
mod random;
mod sample;
mod sampler;
mod split;
mod transform;

pub use batch::Batch;
pub use dataset::Dataset;
pub use draws::Draws;
pub use error::{Error, Result};
pub use fashion_mnist::FashionMnist;
pub use idx::Idx;
pub use image_bytes::ImageBytes;
pub use loader::{Epoch, Loader, LoaderOptions, LoaderState};
pub use random::Random;
pub use sample::{Pixels, Sample, Shape};
pub use sampler::{
    BatchSampler, DistributedSampler, RandomSampler, Sampler, SequentialSampler, StratifiedSampler,
    SubsetRandomSampler, WeightedRandomSampler,
};
pub use selvedge_fetch::{Cause, Event, Progress, Silent};
pub use split::Split;
pub use transform::{Apply, Compose, Normalize, ToTensor, Transform};
