use selvedge_data::{Batch, Loader};
use selvedge_nn::{Forward, Mode};
use tch::Tensor;

use super::{FitOptions, Training};
use crate::optim::{Pass, Passes};
use crate::{GradScaler, Loss, TrainError};

/// Makes the steps of a training, one operation of libtorch after the other: forward, loss, backward, clip, update.
#[derive(Debug)]
pub(super) struct Eager<'a> {
    options: &'a FitOptions,
    parameters: Vec<Tensor>,
}

impl<'a> Eager<'a> {
    pub(super) fn new(training: &Training<'_>, options: &'a FitOptions) -> Self {
        Self { options, parameters: training.optimizer.parameters() }
    }

    /// Updates the parameters by the batches of a group, each with its share of it, and gives their mean loss.
    #[track_caller]
    pub(super) fn step(
        &self,
        training: &mut Training<'_>,
        group: &[(Batch, f64)],
    ) -> Result<Tensor, TrainError> {
        let Training { model, loss, optimizer, scaler, train, step, loader, .. } = training;
        let place = (*step, loader.batch as u64);
        let mut passes =
            Group { eager: self, model: *model, loss: *loss, scaler: scaler.as_ref(), train, place, group };
        let pass = optimizer.update(&mut passes)?;
        if let Some(scaler) = scaler {
            scaler.update(pass.usable);
        }
        Ok(pass.loss)
    }

    fn clip(&self) -> Result<(), TrainError> {
        if let Some(clip) = &self.options.clip_norm {
            let _norm = clip.clip(&self.parameters)?;
        }
        if let Some(clip) = &self.options.clip_value {
            clip.clip(&self.parameters);
        }
        Ok(())
    }
}

/// The passes over the batches of a group. It is no closure, whose panics would name a line of this file.
struct Group<'a> {
    eager: &'a Eager<'a>,
    model: &'a dyn Forward,
    loss: &'a dyn Loss,
    scaler: Option<&'a GradScaler>,
    train: &'a Loader,
    /// The step of the training and the batch of the epoch.
    place: (u64, u64),
    group: &'a [(Batch, f64)],
}

impl Passes for Group<'_> {
    fn pass(&mut self) -> Result<Pass, TrainError> {
        let options = self.eager.options;
        let mut mean: Option<Tensor> = None;
        for (batch, share) in self.group {
            let autocast = options.precision.enter(self.train.device())?;
            let output = self.model.forward(&batch.images, Mode::Train);
            let loss = self.loss.forward(&output, &batch.labels);
            let loss = if *share == 1.0 { loss } else { loss * *share };
            drop(autocast);
            match self.scaler {
                Some(scaler) => scaler.scaled(&loss).backward(),
                None => loss.backward(),
            }
            let loss = loss.detach();
            mean = Some(match mean {
                Some(mean) => mean + loss,
                None => loss,
            });
        }
        let Some(loss) = mean else { unreachable!("a group has a batch") };
        if let Some(guard) = &options.nan_guard {
            let (step, batch) = self.place;
            guard.check(&loss, self.model, step, batch)?;
        }
        let usable = self.scaler.is_none_or(|scaler| scaler.unscale(&self.eager.parameters));
        if usable {
            self.eager.clip()?;
        }
        Ok(Pass { loss, usable })
    }
}
