use std::ops::Range;
use std::time::Instant;

use selvedge_data::Loader;
use selvedge_nn::{Forward, Mode, NamedLayers};
use tch::{Kind, Tensor};

use super::{Event, Observer};
use crate::optim::{Optimize, Pass};
use crate::{Loss, TrainError};

/// How [`fit`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All epochs are done.
    Finished,
    /// An observer asked for it, in this epoch, which counts from 0.
    Stopped {
        /// The epoch, which is not over unless the observer asked at its end.
        epoch: usize,
    },
}

/// Trains `model` for the epochs, which decide the order of the images, and tells `observer` what happens.
///
/// Each step is the chapter's: `zero_grad`, forward, loss, `backward`, `step`; with L-BFGS, as many forwards and
/// backwards as it asks for. The losses are summed on the
/// device, so that nothing waits for it within an epoch.
///
/// # Errors
///
/// When a batch can not be loaded, or the observer fails.
pub fn fit<E: From<selvedge_data::Error> + From<TrainError>>(
    model: &dyn Forward,
    loss: &dyn Loss,
    optimizer: &mut dyn Optimize,
    loader: &Loader,
    epochs: Range<usize>,
    observer: &mut dyn Observer<E>,
) -> Result<Ended, E> {
    let _names = NamedLayers::of(model);
    for epoch in epochs {
        let began = Instant::now();
        if observer.observe(&Event::EpochBegan { epoch, images: loader.image_count() })?.is_break() {
            return Ok(Ended::Stopped { epoch });
        }
        let mut running_loss = Tensor::zeros([], (Kind::Double, loader.device()));
        for (step, batch) in loader.epoch(epoch as u64).enumerate() {
            let batch = batch?;
            let pass = optimizer.update(&mut || {
                let loss = loss.forward(&model.forward(&batch.images, Mode::Train), &batch.labels);
                loss.backward();
                Ok(Pass { loss, usable: true })
            })?;
            let value = pass.loss.detach();
            running_loss += &value;
            let event = Event::Stepped { epoch, step, images: batch.len(), loss: &value };
            if observer.observe(&event)?.is_break() {
                return Ok(Ended::Stopped { epoch });
            }
        }
        let train_loss = running_loss.double_value(&[]) / loader.len() as f64;
        let event = Event::EpochEnded { epoch, train_loss, elapsed: began.elapsed() };
        if observer.observe(&event)?.is_break() {
            return Ok(Ended::Stopped { epoch });
        }
    }
    Ok(Ended::Finished)
}
