mod random;
mod sequential;

pub use random::RandomSampler;
pub use sequential::SequentialSampler;

/// Decides which samples an epoch takes, and in which order; PyTorch's `Sampler`.
///
/// The order depends on the sampler's fields and the epoch alone, so it can be had again.
pub trait Sampler: Send + Sync {
    /// The numbers of the samples of an epoch.
    fn indices(&self, epoch: u64) -> Vec<usize>;

    /// How many numbers [`indices`](Self::indices) gives.
    fn len(&self) -> usize;

    /// Whether an epoch takes no samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
