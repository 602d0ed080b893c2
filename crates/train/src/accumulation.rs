use serde::{Deserialize, Serialize};

use crate::TrainError;
use crate::domain::Domain;

/// Gradient accumulation: one step of the optimizer for `batches` batches, as if they were one.
///
/// Backward passes add up their gradients, so each batch's mean loss has to be multiplied by its share of the
/// samples of its group. In the last group of an epoch, which may have fewer batches and a smaller last one,
/// the shares are larger: they always sum to 1.
///
/// ```
/// use selvedge_train::Accumulation;
///
/// let accumulation = Accumulation { batches: 2 };
/// // An epoch of 5 batches of 64 samples, the last of which has 16.
/// let parts: Vec<_> = (0..5).map(|batch| accumulation.part(batch, 64, 4 * 64 + 16)).collect();
/// assert_eq!(parts.iter().map(|part| part.weight).collect::<Vec<_>>(), [0.5, 0.5, 0.5, 0.5, 1.0]);
/// assert_eq!(parts.iter().map(|part| part.steps).collect::<Vec<_>>(), [false, true, false, true, true]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accumulation {
    /// The batches of a group, positive; 1 by default, which accumulates nothing.
    pub batches: u64,
}

/// What one batch is to its group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// What to multiply the batch's mean loss by before the backward pass.
    pub weight: f64,
    /// Whether the batch is the last of its group: then the optimizer steps and removes the gradients.
    pub steps: bool,
}

impl Default for Accumulation {
    fn default() -> Self {
        Self { batches: 1 }
    }
}

impl Accumulation {
    /// Whether the option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When `batches` is 0.
    pub fn validate(&self) -> Result<(), TrainError> {
        Domain("Accumulation").require(self.batches > 0, "batches", "a number from 1 on", self.batches)
    }

    /// The part of batch number `batch`, from 0, in an epoch of `samples` in batches of `batch_size`. Where
    /// the loader drops the last partial batch, `samples` do not count it.
    ///
    /// # Panics
    ///
    /// When `batches` or `batch_size` is 0, or the epoch has no such batch.
    #[must_use]
    #[track_caller]
    pub fn part(&self, batch: u64, batch_size: u64, samples: u64) -> Part {
        assert!(self.batches > 0 && batch_size > 0, "Accumulation: expected batches and batch_size above 0");
        let batches = samples.div_ceil(batch_size);
        assert!(batch < batches, "Accumulation: expected a batch below {batches}, found {batch}");
        let first = batch - batch % self.batches;
        let end = (first + self.batches).min(batches);
        let samples_of = |from: u64, to: u64| (to * batch_size).min(samples) - from * batch_size;
        let weight = samples_of(batch, batch + 1) as f64 / samples_of(first, end) as f64;
        Part { weight, steps: batch + 1 == end }
    }
}
