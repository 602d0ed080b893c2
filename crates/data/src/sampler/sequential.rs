use crate::Sampler;

/// Each sample once, in order; PyTorch's `SequentialSampler`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequentialSampler {
    /// The number of samples.
    pub len: usize,
}

impl Sampler for SequentialSampler {
    fn indices(&self, _: u64) -> Vec<usize> {
        (0..self.len).collect()
    }

    fn len(&self) -> usize {
        self.len
    }
}
