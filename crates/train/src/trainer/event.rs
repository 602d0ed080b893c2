use std::ops::ControlFlow;
use std::time::Duration;

use selvedge_nn::plan::Refusal;
use selvedge_torch::TorchError;
use tch::Tensor;

use super::{Evaluation, Training};

/// What happens in [`fit`](super::fit).
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An epoch begins, or goes on.
    EpochBegan {
        /// From 0.
        epoch: usize,
        /// Images that it goes through.
        images: usize,
        /// Those that were learnt before the training was resumed.
        learnt: usize,
    },
    /// The first step is about to be made, and it is decided how.
    StepsChosen {
        /// Why the steps are not [compiled](crate::CompiledStep); none where they are.
        refusal: Option<&'a Refusal>,
    },
    /// The compiled steps of a CUDA device have run a few times, and recording them as a
    /// [`CudaGraph`](selvedge_torch::CudaGraph) was tried.
    StepsRecorded {
        /// Why they are not launched as one; none where they are.
        refusal: Option<&'a TorchError>,
    },
    /// A batch has been learnt, or the batches of one update.
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
    /// So many updates have been made as [`FitOptions::log_every`](super::FitOptions::log_every) says, or the last ones of
    /// an epoch. It is told before [`Event::Stepped`] of the last of them.
    Logged {
        /// From 0.
        epoch: usize,
        /// How many updates there were.
        steps: u64,
        /// The images that they learnt.
        images: usize,
        /// The images of the epoch that are learnt.
        learnt: usize,
        /// The mean of their losses, on the device. To read its value waits for the device.
        loss: &'a Tensor,
    },
    /// The network has been evaluated, at the end of an epoch, or within it, before [`Event::Stepped`] is told.
    Evaluated {
        /// The epoch, from 0.
        epoch: usize,
        /// What was found.
        evaluation: &'a Evaluation,
        /// Whether no evaluation before was better.
        best: bool,
        /// Whether the epoch is over.
        at_end: bool,
    },
    /// An epoch is over.
    EpochEnded {
        /// From 0.
        epoch: usize,
        /// The mean of the losses of the epoch's batches: what the chapter prints as `Training loss`.
        train_loss: f64,
        /// What the epoch's steps took.
        elapsed: Duration,
        /// The evaluation at its end, where there is a validation set.
        evaluation: Option<&'a Evaluation>,
    },
}

/// Is told what happens in [`fit`](super::fit), and may end it.
///
/// `E` is the observer's own error: what an observer does is mostly files, and their errors are its own. The states of
/// the training are whole at each event: a checkpoint of any of them can be gone on from.
pub trait Observer<E> {
    /// Something has happened. [`ControlFlow::Break`] ends the training after the running step.
    ///
    /// # Errors
    ///
    /// When the observer fails, which ends the training at once.
    fn observe(&mut self, event: &Event<'_>, training: &Training<'_>) -> Result<ControlFlow<()>, E>;
}

impl<E, F: FnMut(&Event<'_>, &Training<'_>) -> Result<ControlFlow<()>, E>> Observer<E> for F {
    fn observe(&mut self, event: &Event<'_>, training: &Training<'_>) -> Result<ControlFlow<()>, E> {
        self(event, training)
    }
}

/// Several observers, told in order. Each hears of the event, also when one before it wants to end the training.
pub struct Observers<'a, E>(pub Vec<&'a mut dyn Observer<E>>);

impl<E> Observer<E> for Observers<'_, E> {
    fn observe(&mut self, event: &Event<'_>, training: &Training<'_>) -> Result<ControlFlow<()>, E> {
        let mut flow = ControlFlow::Continue(());
        for observer in &mut self.0 {
            if observer.observe(event, training)?.is_break() {
                flow = ControlFlow::Break(());
            }
        }
        Ok(flow)
    }
}
