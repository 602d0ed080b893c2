use std::slice::Chunks;

use crate::{Error, Result, Sampler};

/// Cuts the order of another sampler into batches; PyTorch's `BatchSampler`.
///
/// ```
/// use selvedge_data::{BatchSampler, SequentialSampler};
///
/// let batches = BatchSampler { sampler: SequentialSampler { len: 5 }, batch_size: 2, drop_last: false };
/// assert_eq!(batches.batches(0), [vec![0, 1], vec![2, 3], vec![4]]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BatchSampler<S> {
    /// Which samples, in which order.
    pub sampler: S,
    /// The number of samples in a batch, at least 1.
    pub batch_size: usize,
    /// Whether a last batch that is not full is left out.
    pub drop_last: bool,
}

impl<S: Sampler> BatchSampler<S> {
    /// The batches of an epoch.
    ///
    /// # Panics
    ///
    /// When the batch size is 0.
    #[must_use]
    pub fn batches(&self, epoch: u64) -> Vec<Vec<usize>> {
        self.cut(&self.sampler.indices(epoch)).map(<[usize]>::to_vec).collect()
    }

    /// The number of batches.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count(self.sampler.len())
    }

    /// Whether there are no batches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.batch_size == 0 {
            return Err(Error::option("batch_size", "at least 1", 0));
        }
        self.sampler.check()
    }

    /// The number of batches that so many samples make.
    pub(crate) fn count(&self, samples: usize) -> usize {
        if self.drop_last { samples / self.batch_size } else { samples.div_ceil(self.batch_size) }
    }

    fn cut<'a>(&self, order: &'a [usize]) -> Chunks<'a, usize> {
        let whole = (self.count(order.len()) * self.batch_size).min(order.len());
        order[..whole].chunks(self.batch_size)
    }
}
