use std::cell::Cell;
use std::marker::PhantomData;

use tch::Tensor;

/// What a [`BatchNorm`](crate::BatchNorm) remembers of its batches: its own tensors, given by
/// [`Module::running_statistics`](crate::Module::running_statistics).
#[derive(Debug)]
pub struct RunningStatistics<'a> {
    /// The running mean of each channel.
    pub mean: &'a Tensor,
    /// The running variance of each channel.
    pub variance: &'a Tensor,
    /// The number of batches that they have seen.
    pub batches: &'a Tensor,
}

impl RunningStatistics<'_> {
    /// Forgets all batches: mean 0, variance 1. PyTorch: `reset_running_stats`.
    pub fn reset(&self) {
        let _no_grad = tch::no_grad_guard();
        let _ = self.mean.shallow_clone().zero_();
        let _ = self.variance.shallow_clone().fill_(1.0);
        let _ = self.batches.shallow_clone().zero_();
    }
}

thread_local! {
    static AVERAGED: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, every [`BatchNorm`](crate::BatchNorm) that runs on this thread keeps the average over all batches, as
/// with a momentum of `None`.
///
/// ```
/// use selvedge_nn::{AverageOverBatches, BatchNorm1d, Forward, Mode};
/// use tch::Tensor;
///
/// let layer = BatchNorm1d::new(1);
/// let averaged = AverageOverBatches::start();
/// for mean in [2.0f32, 4.0] {
///     let _ = layer.forward(&Tensor::from_slice(&[mean - 1.0, mean + 1.0]).unsqueeze(1), Mode::Train);
/// }
/// drop(averaged);
/// assert_eq!(layer.running_mean.unwrap().double_value(&[0]), 3.0);
/// ```
#[derive(Debug)]
#[must_use = "the layers' own momentum is back when it is dropped"]
pub struct AverageOverBatches {
    outer: bool,
    /// It belongs to the thread that made it.
    thread: PhantomData<*const ()>,
}

impl AverageOverBatches {
    /// Begins to average.
    pub fn start() -> Self {
        Self { outer: AVERAGED.replace(true), thread: PhantomData }
    }
}

impl Drop for AverageOverBatches {
    fn drop(&mut self) {
        AVERAGED.set(self.outer);
    }
}

/// Whether the layers of this thread keep averages.
pub(super) fn averaged() -> bool {
    AVERAGED.get()
}
