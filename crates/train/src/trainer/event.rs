use std::ops::ControlFlow;
use std::time::Duration;

use tch::Tensor;

/// What happens in [`fit`](super::fit).
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An epoch begins.
    EpochBegan {
        /// From 0.
        epoch: usize,
        /// Images that it goes through.
        images: usize,
    },
    /// A batch has been learnt.
    Stepped {
        /// From 0.
        epoch: usize,
        /// From 0 in each epoch.
        step: usize,
        /// Images in the batch.
        images: usize,
        /// The loss of the batch before the update, on the device. To read its value waits for the device.
        loss: &'a Tensor,
    },
    /// An epoch is over.
    EpochEnded {
        /// From 0.
        epoch: usize,
        /// The mean of the losses of the epoch's batches: what the chapter prints as `Training loss`.
        train_loss: f64,
        /// What the epoch took.
        elapsed: Duration,
    },
}

/// Is told what happens in [`fit`](super::fit), and may end it.
///
/// `E` is the observer's own error: what an observer does is mostly files, and their errors are its own.
pub trait Observer<E> {
    /// Something has happened. [`ControlFlow::Break`] ends the training after the running step.
    ///
    /// # Errors
    ///
    /// When the observer fails, which ends the training at once.
    fn observe(&mut self, event: &Event<'_>) -> Result<ControlFlow<()>, E>;
}

impl<E, F: FnMut(&Event<'_>) -> Result<ControlFlow<()>, E>> Observer<E> for F {
    fn observe(&mut self, event: &Event<'_>) -> Result<ControlFlow<()>, E> {
        self(event)
    }
}
