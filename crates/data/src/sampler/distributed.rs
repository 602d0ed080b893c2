use crate::{Error, RandomSampler, Result, Sampler, SequentialSampler};

/// The part of the samples that one of several processes takes; PyTorch's `DistributedSampler`.
///
/// All ranks order the samples alike and each takes every `num_replicas`-th, from its rank on. So that all have
/// equally many, the first samples are taken again at the end, or, with `drop_last`, the last ones left out.
///
/// Differs from PyTorch: the epoch is an argument, so there is no `set_epoch` to forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DistributedSampler {
    /// The number of samples.
    pub len: usize,
    /// The number of processes, at least 1. Default: 1.
    pub num_replicas: usize,
    /// The number of this process, below `num_replicas`. Default: 0.
    pub rank: usize,
    /// Whether the order is random. Default: true.
    pub shuffle: bool,
    /// Another seed, other orders; the same for all ranks. Default: 0.
    pub seed: u64,
    /// Whether samples are left out rather than taken twice. Default: false.
    pub drop_last: bool,
}

impl Default for DistributedSampler {
    fn default() -> Self {
        Self { len: 0, num_replicas: 1, rank: 0, shuffle: true, seed: 0, drop_last: false }
    }
}

impl Sampler for DistributedSampler {
    fn indices(&self, epoch: u64) -> Vec<usize> {
        let order = if self.shuffle {
            RandomSampler { len: self.len, seed: self.seed }.indices(epoch)
        } else {
            SequentialSampler { len: self.len }.indices(epoch)
        };
        let padded = order.iter().cycle().skip(self.rank).step_by(self.num_replicas);
        padded.take(self.len()).copied().collect()
    }

    fn len(&self) -> usize {
        if self.drop_last { self.len / self.num_replicas } else { self.len.div_ceil(self.num_replicas) }
    }

    fn check(&self) -> Result<()> {
        if self.num_replicas == 0 {
            return Err(Error::option("num_replicas", "at least 1", 0));
        }
        if self.rank >= self.num_replicas {
            let expected = format!("below {}, the number of replicas", self.num_replicas);
            return Err(Error::option("rank", expected, self.rank));
        }
        Ok(())
    }
}
