use std::path::PathBuf;

use anyhow::{Result, bail};
use selvedge_data::{Apply, Compose, LoaderOptions, Normalize, ToTensor};
use serde::{Deserialize, Serialize};

use super::source::Source;
use crate::unit::SamplerUnit;

/// The images, and how they become batches.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Data {
    /// Which images.
    pub(crate) source: Source,
    /// The folder of their files; the system's and the cache where there is none.
    #[serde(with = "crate::path")]
    pub(crate) folder: Option<PathBuf>,
    /// Images in a batch.
    pub(crate) batch_size: usize,
    /// Which of the training images an epoch takes, and in which order.
    pub(crate) sampler: SamplerUnit,
    /// Whether a last batch that is not full is left out.
    pub(crate) drop_last: bool,
    /// The share of the training set that is held back to measure each epoch with, in place of the test set.
    pub(crate) validation: f64,
    /// Images in a batch when the network is measured. More are not faster, and the convolutional network takes 100 MB for
    /// each 250 of them.
    pub(crate) measuring_batch_size: usize,
    /// How many images of the training set to use, from its start; all where there is no number.
    pub(crate) limit: Option<usize>,
    /// What happens to the training images before `transform`.
    pub(crate) augment: Compose,
    /// What turns the bytes into what the networks take.
    pub(crate) transform: Compose,
    /// Threads that make batches ahead.
    pub(crate) num_workers: usize,
    /// How many batches each of them may be ahead.
    pub(crate) prefetch_factor: usize,
    /// Whether batches go to a CUDA device from pinned memory.
    pub(crate) pin_memory: bool,
    /// Whether all images are put onto the device at the start.
    pub(crate) resident: bool,
}

impl Default for Data {
    fn default() -> Self {
        Self {
            source: Source::FashionMnist,
            folder: None,
            batch_size: 64,
            sampler: SamplerUnit::default(),
            drop_last: false,
            validation: 0.0,
            measuring_batch_size: 250,
            limit: None,
            augment: Compose::default(),
            // [0, 255] to [-1, 1], as in the chapter.
            transform: Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]),
            num_workers: 0,
            prefetch_factor: 2,
            pin_memory: false,
            resident: false,
        }
    }
}

impl Data {
    pub(super) fn validate(&self) -> Result<()> {
        if self.batch_size == 0 {
            bail!("\"data.batch_size\" has to be at least 1, found 0");
        }
        if self.measuring_batch_size == 0 {
            bail!("\"data.measuring_batch_size\" has to be at least 1, found 0");
        }
        if self.limit == Some(0) {
            bail!("\"data.limit\" has to be at least 1, found 0");
        }
        if !(0.0..1.0).contains(&self.validation) {
            bail!("\"data.validation\" has to be from 0 to below 1, found {}", self.validation);
        }
        let limit = LoaderOptions::MAX_AHEAD;
        if !(1..=limit).contains(&self.prefetch_factor) {
            let found = self.prefetch_factor;
            bail!("\"data.prefetch_factor\" has to be from 1 to {limit}, found {found}");
        }
        if self.num_workers > limit {
            bail!("\"data.num_workers\" has to be at most {limit}, found {}", self.num_workers);
        }
        self.sampler.validate()?;
        self.augment.validate()?;
        self.transform.validate()?;
        Ok(())
    }
}
