//! Metrics over all batches of an epoch, exact whatever the size of the batches.
//!
//! They accumulate on the device of what they are shown and wait for it only when they are read, so that an
//! update costs no synchronisation. Their figures are scikit-learn's.

mod accuracy;
mod confusion_matrix;
mod scores;

use tch::Tensor;

pub use accuracy::Accuracy;
pub use confusion_matrix::ConfusionMatrix;

/// A figure over all outputs and targets shown since the start or the last [`Metric::reset`].
pub trait Metric {
    /// Takes a batch into account.
    ///
    /// # Panics
    ///
    /// When the sizes or kinds of the tensors are not what the metric takes.
    #[track_caller]
    fn update(&mut self, output: &Tensor, target: &Tensor);

    /// The figure. NaN where it is not defined, such as before the first batch.
    fn compute(&self) -> f64;

    /// Forgets all batches.
    fn reset(&mut self);
}
