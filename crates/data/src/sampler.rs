mod batch;
mod distributed;
mod random;
mod sequential;
mod stratified;
mod subset;
mod weighted;

pub use batch::BatchSampler;
pub use distributed::DistributedSampler;
pub use random::RandomSampler;
pub use sequential::SequentialSampler;
pub use stratified::StratifiedSampler;
pub use subset::SubsetRandomSampler;
pub use weighted::WeightedRandomSampler;

use crate::Result;

/// Decides which samples an epoch takes, and in which order; PyTorch's `Sampler`.
///
/// The order depends on the sampler's fields and the epoch alone, so it can be had again.
pub trait Sampler: Send + Sync {
    /// The numbers of the samples of an epoch.
    fn indices(&self, epoch: u64) -> Vec<usize>;

    /// How many numbers [`indices`](Self::indices) gives.
    fn len(&self) -> usize;

    /// Refuses fields that do not go together. A [`Loader`](crate::Loader) asks once, when it is made.
    ///
    /// # Errors
    ///
    /// [`Error::Option`](crate::Error::Option) that names the field.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Whether an epoch takes no samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<S: Sampler + ?Sized> Sampler for Box<S> {
    fn indices(&self, epoch: u64) -> Vec<usize> {
        (**self).indices(epoch)
    }

    fn len(&self) -> usize {
        (**self).len()
    }

    fn check(&self) -> Result<()> {
        (**self).check()
    }
}
