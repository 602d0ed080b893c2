mod collate;
mod epoch;
mod options;

use std::sync::Arc;

use tch::Device;

use self::collate::Collate;
pub use self::epoch::Epoch;
pub use self::options::LoaderOptions;
use crate::{Dataset, Error, RandomSampler, Result, Sampler, SequentialSampler};

/// Yields a dataset in batches; PyTorch's `DataLoader`.
///
/// Each call of [`epoch`](Self::epoch) goes through the samples once, in the order of the sampler. The order
/// depends on the seed and the epoch alone.
///
/// Differs from PyTorch: the transform belongs to the loader, not to the dataset, so that it works on whole
/// batches, and one that is pointwise on the bytes while they are gathered. An epoch has a number, so its
/// order can be had again.
pub struct Loader {
    collate: Arc<Collate>,
    sampler: Box<dyn Sampler>,
    batch_size: usize,
    drop_last: bool,
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
    /// When an option has a value that it can not have, when the transform does not fit to the first sample,
    /// or when the first sample can not be had.
    pub fn new(dataset: impl Dataset + 'static, options: LoaderOptions) -> Result<Self> {
        let len = dataset.len();
        if options.shuffle {
            let sampler = RandomSampler { len, seed: options.seed };
            Self::with_sampler(dataset, sampler, options)
        } else {
            Self::with_sampler(dataset, SequentialSampler { len }, options)
        }
    }

    /// A loader that takes the samples in the order of `sampler`; `shuffle` and `seed` of the options do not
    /// bear on the order then.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_sampler(
        dataset: impl Dataset + 'static,
        sampler: impl Sampler + 'static,
        options: LoaderOptions,
    ) -> Result<Self> {
        if options.batch_size == 0 {
            return Err(Error::option("batch_size", "at least 1", 0));
        }
        Ok(Self {
            collate: Arc::new(Collate::new(Arc::new(dataset), options.transform, options.device)?),
            sampler: Box::new(sampler),
            batch_size: options.batch_size,
            drop_last: options.drop_last,
        })
    }

    /// The batches of an epoch. The number of the epoch decides the order, together with the seed.
    #[must_use]
    pub fn epoch(&self, epoch: u64) -> Epoch<'_> {
        self.batches_of(self.sampler.indices(epoch))
    }

    /// The batches that take the samples in an order of your own, such as one that PyTorch drew.
    #[must_use]
    pub fn batches_of(&self, order: Vec<usize>) -> Epoch<'_> {
        Epoch::new(self, order)
    }

    /// The number of batches in an epoch; PyTorch's `len(loader)`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batches(self.image_count())
    }

    /// Whether an epoch has no batches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of samples that an epoch draws, those of a last batch that is dropped among them.
    #[must_use]
    pub fn image_count(&self) -> usize {
        self.sampler.len()
    }

    /// The most images in a batch.
    #[must_use]
    pub fn batch_size(&self) -> usize {
        self.batch_size
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

    fn batches(&self, samples: usize) -> usize {
        if self.drop_last { samples / self.batch_size } else { samples.div_ceil(self.batch_size) }
    }
}
