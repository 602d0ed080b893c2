mod collate;
mod epoch;
mod options;
mod resident;
mod state;
mod workers;

use std::sync::Arc;

use tch::Device;

use self::collate::Collate;
pub use self::epoch::Epoch;
pub use self::options::LoaderOptions;
pub use self::state::LoaderState;
use crate::{Apply, BatchSampler, Dataset, Error, RandomSampler, Result, Sampler, SequentialSampler};

/// Yields a dataset in batches; PyTorch's `DataLoader`.
///
/// Each call of [`epoch`](Self::epoch) goes through the samples once, in the order of the sampler. The order
/// and what random transforms do depend on the seed and the epoch alone: the batches are the same for any
/// number of workers, and an epoch can go on where another process stopped.
///
/// Differs from PyTorch: the transform belongs to the loader, not to the dataset, so that it works on whole
/// batches, and one that is pointwise on the bytes while they are gathered. An epoch has a number, so its
/// order can be had again. Workers are threads, made for each epoch.
pub struct Loader {
    collate: Arc<Collate>,
    batches: BatchSampler<Box<dyn Sampler>>,
    num_workers: usize,
    prefetch_factor: usize,
}

impl Loader {
    /// A loader over `dataset`, shuffled or in order as the options say.
    ///
    /// ```
    /// use selvedge_data::{Compose, ImageBytes, Loader, LoaderOptions, Normalize, Shape, ToTensor};
    ///
    /// let dataset = ImageBytes::new(Shape::new(1, 2, 2), vec![0, 255, 0, 255], vec![7], vec![])?;
    /// let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
    /// let options = LoaderOptions { batch_size: 64, shuffle: true, transform, ..LoaderOptions::default() };
    /// let loader = Loader::new(dataset, options)?;
    /// for batch in loader.epoch(0) {
    ///     let batch = batch?;
    ///     assert_eq!(Vec::<f32>::try_from(batch.images.view(-1)).unwrap(), [-1.0, 1.0, -1.0, 1.0]);
    ///     assert_eq!(batch.labels.int64_value(&[0]), 7);
    /// }
    /// # Ok::<(), selvedge_data::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When an option has a value that it cannot have, or when the transform does not fit to the first sample. A sample
    /// that cannot be had is an error of its batch, the first as any other; for `resident`, which takes all of
    /// them now, it is an error here.
    pub fn new(dataset: impl Dataset + 'static, options: LoaderOptions) -> Result<Self> {
        let len = dataset.len();
        if options.shuffle {
            let sampler = RandomSampler { len, seed: options.seed };
            Self::with_sampler(dataset, sampler, options)
        } else {
            Self::with_sampler(dataset, SequentialSampler { len }, options)
        }
    }

    /// A loader that takes the samples in the order of `sampler`, whatever `shuffle` says.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and when the sampler's fields do not go together.
    pub fn with_sampler(
        dataset: impl Dataset + 'static,
        sampler: impl Sampler + 'static,
        options: LoaderOptions,
    ) -> Result<Self> {
        let LoaderOptions { batch_size, drop_last, num_workers, prefetch_factor, .. } = options;
        let batches = BatchSampler { sampler: Box::new(sampler) as Box<dyn Sampler>, batch_size, drop_last };
        batches.check()?;
        let limit = LoaderOptions::MAX_AHEAD;
        if !(1..=limit).contains(&prefetch_factor) {
            return Err(Error::option("prefetch_factor", format!("from 1 to {limit}"), prefetch_factor));
        }
        if num_workers > limit {
            return Err(Error::option("num_workers", format!("at most {limit}"), num_workers));
        }
        options.transform.validate()?;
        let collate = Collate::new(Arc::new(dataset), options)?;
        Ok(Self { collate: Arc::new(collate), batches, num_workers, prefetch_factor })
    }

    /// The batches of an epoch. The number of the epoch decides the order, together with the seed.
    #[must_use]
    pub fn epoch(&self, epoch: u64) -> Epoch<'_> {
        Epoch::new(self, epoch, self.batches.sampler.indices(epoch))
    }

    /// The batches that take the samples in an order of your own, such as one that PyTorch drew. Random
    /// transforms draw as in the epoch 0.
    #[must_use]
    pub fn batches_of(&self, order: Vec<usize>) -> Epoch<'_> {
        Epoch::new(self, 0, order)
    }

    /// The batches that were still to come when [`Epoch::state`] was asked.
    ///
    /// # Errors
    ///
    /// When the epoch has not so many batches: the state is another loader's.
    pub fn resume(&self, state: LoaderState) -> Result<Epoch<'_>> {
        let mut epoch = self.epoch(state.epoch);
        if state.batch > epoch.len() {
            let expected = format!("at most {}, the number of batches in an epoch", epoch.len());
            return Err(Error::option("batch", expected, state.batch));
        }
        epoch.skip_to(state.batch);
        Ok(epoch)
    }

    /// The number of batches in an epoch; PyTorch's `len(loader)`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batches.len()
    }

    /// Whether an epoch has no batches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of samples that an epoch draws, those of a last batch that is dropped among them.
    #[must_use]
    pub fn image_count(&self) -> usize {
        self.batches.sampler.len()
    }

    /// The most images in a batch.
    #[must_use]
    pub fn batch_size(&self) -> usize {
        self.batches.batch_size
    }

    /// The dataset.
    #[must_use]
    pub fn dataset(&self) -> &dyn Dataset {
        self.collate.dataset()
    }

    /// Where the batches are.
    #[must_use]
    pub fn device(&self) -> Device {
        self.collate.device()
    }
}
