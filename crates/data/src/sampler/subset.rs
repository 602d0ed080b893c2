use crate::{Random, Sampler};

/// Each of the given samples once, in an order that the seed and the epoch give; PyTorch's
/// `SubsetRandomSampler`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubsetRandomSampler {
    /// The numbers of the samples.
    pub indices: Vec<usize>,
    /// Another seed, other orders.
    pub seed: u64,
}

impl Sampler for SubsetRandomSampler {
    fn indices(&self, epoch: u64) -> Vec<usize> {
        let mut order = self.indices.clone();
        Random::order(self.seed, epoch).shuffle(&mut order);
        order
    }

    fn len(&self) -> usize {
        self.indices.len()
    }
}
