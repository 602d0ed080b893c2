use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Random numbers that depend on what they are for and on nothing else: the same on every machine, for any
/// number of workers, and in a run that goes on where another stopped.
#[derive(Debug)]
pub(crate) struct Random {
    generator: ChaCha8Rng,
}

impl Random {
    /// For the order of the samples in an epoch.
    pub(crate) fn order(seed: u64, epoch: u64) -> Self {
        Self::keyed(seed, epoch, 0)
    }

    fn keyed(seed: u64, epoch: u64, purpose: u64) -> Self {
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip([seed, epoch, purpose]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self { generator: ChaCha8Rng::from_seed(key) }
    }

    /// A whole number below `end`. The multiplication favours some numbers by less than one part in 2³².
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.generator.next_u64()) * end as u128) >> 64) as usize
    }

    /// Puts `items` into a random order. Written here so that an update of a dependency can not change it.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
