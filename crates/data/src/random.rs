use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Random numbers that depend on what they are for and on nothing else: the same on every machine, for any
/// number of workers, and in a run that goes on where another stopped.
///
/// ChaCha8, keyed with the seed and the purpose.
#[derive(Debug)]
pub struct Random {
    generator: ChaCha8Rng,
}

impl Random {
    /// For the order of the samples in an epoch.
    pub(crate) fn order(seed: u64, epoch: u64) -> Self {
        // No sample has this number.
        Self::keyed([seed, epoch, u64::MAX, 0])
    }

    /// For what a step of the transform does to a sample in an epoch.
    pub(crate) fn sample(seed: u64, epoch: u64, index: usize, step: u64) -> Self {
        Self::keyed([seed, epoch, index as u64, step])
    }

    fn keyed(words: [u64; 4]) -> Self {
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self { generator: ChaCha8Rng::from_seed(key) }
    }

    /// A whole number from 0 up to and without `end`; 0 where `end` is 0.
    // The multiplication favours some numbers by less than one part in 2³².
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.generator.next_u64()) * end as u128) >> 64) as usize
    }

    /// A number from 0 up to and without 1, of 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number from `low` to `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// True with the probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// Puts `items` into a random order.
    // Written here, with the numbers above, so that an update of a dependency can not change an order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
