//! Datasets, transforms and the loader that turns them into batches.
//!
//! A [`Dataset`] hands out [`Sample`]s: an image, as bytes or floats, and its label. A [`Loader`] takes them in
//! the order of a [`Sampler`], puts them through a [`Transform`] and yields [`Batch`]es of tensors. The bytes
//! stay bytes until their batch is made.
//!
//! Nothing here prints, and nothing touches the network unless a function named `fetch` is called.

mod batch;
mod cifar;
mod dataset;
mod draws;
mod error;
mod family;
mod loader;
mod publication;
mod random;
mod read_image;
mod sample;
mod sampler;
mod transform;

pub use batch::Batch;
pub use cifar::{Cifar10, Cifar100};
pub use dataset::{
    Concat, Dataset, ImageBytes, ImageFolder, ImageFolderOptions, Parts, Subset, TensorDataset,
    balanced_class_weights, random_split, stratified_split,
};
pub use draws::Draws;
pub use error::{Error, Result};
pub use family::{Emnist, EmnistSubset, FashionMnist, Idx, Kmnist, Mnist, Qmnist, QmnistSubset, Split};
pub use loader::{Epoch, Loader, LoaderOptions, LoaderState};
pub use random::Random;
pub use read_image::read_image;
pub use sample::{Pixels, Sample, Shape};
pub use sampler::{
    BatchSampler, DistributedSampler, RandomSampler, Sampler, SequentialSampler, StratifiedSampler,
    SubsetRandomSampler, WeightedRandomSampler,
};
pub use selvedge_fetch::{Cause, Event, Progress, Silent};
pub use transform::{
    Apply, AugMix, AutoAugment, AutoAugmentPolicy, CenterCrop, ColorJitter, Compose, ConvertImageDtype,
    CutMix, Dtype, ElasticTransform, ErasingValue, Fill, FiveCrop, GaussianBlur, GaussianNoise, Grayscale,
    ImageSize, Interpolation, Lambda, LinearTransformation, Mix, MixUp, Normalize, Pad, Padding, PaddingMode,
    RandAugment, RandomAdjustSharpness, RandomAffine, RandomApply, RandomAutocontrast,
    RandomChannelPermutation, RandomChoice, RandomCrop, RandomEqualize, RandomErasing, RandomGrayscale,
    RandomHorizontalFlip, RandomInvert, RandomOrder, RandomPerspective, RandomPosterize, RandomResizedCrop,
    RandomRotation, RandomSolarize, RandomVerticalFlip, RandomZoomOut, Resize, ResizeTo, ScaleJitter,
    TenCrop, ToDtype, ToImage, ToTensor, Transform, TrivialAugmentWide, functional,
};

// The code in the pages for readers is compiled and run with the tests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../../docs/writing-a-dataset.md")]
    mod writing_a_dataset {}

    #[doc = include_str!("../../../docs/augmentation.md")]
    mod augmentation {}
}
