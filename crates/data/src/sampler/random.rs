use crate::{Random, Sampler};

/// Each sample once, in an order that the seed and the epoch give; PyTorch's `RandomSampler`.
///
/// Differs from PyTorch: the order comes from ChaCha8 keyed with the seed and the epoch, not from a global
/// generator, so it is not PyTorch's. [`Loader::batches_of`](crate::Loader::batches_of) takes an order from
/// elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomSampler {
    /// The number of samples.
    pub len: usize,
    /// Another seed, other orders.
    pub seed: u64,
}

impl Sampler for RandomSampler {
    fn indices(&self, epoch: u64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.len).collect();
        Random::order(self.seed, epoch).shuffle(&mut order);
        order
    }

    fn len(&self) -> usize {
        self.len
    }
}
