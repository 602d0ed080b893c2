use selvedge_data::Batch;
use selvedge_nn::Mode;
use tch::Tensor;

use super::{FitOptions, Training};
use crate::TrainError;
use crate::optim::Pass;

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
    pub(super) fn step(
        &self,
        training: &mut Training<'_>,
        group: &[(Batch, f64)],
    ) -> Result<Tensor, TrainError> {
        let Training { model, loss, optimizer, scaler, train, step, loader, .. } = training;
        let options = self.options;
        let pass = optimizer.update(&mut || {
            let mut mean: Option<Tensor> = None;
            for (batch, share) in group {
                let autocast = options.precision.enter(train.device())?;
                let loss = loss.forward(&model.forward(&batch.images, Mode::Train), &batch.labels);
                let loss = if *share == 1.0 { loss } else { loss * *share };
                drop(autocast);
                match scaler {
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
                guard.check(&loss, *model, *step, loader.batch as u64)?;
            }
            let usable = scaler.as_ref().is_none_or(|scaler| scaler.unscale(&self.parameters));
            if usable {
                self.clip()?;
            }
            Ok(Pass { loss, usable })
        })?;
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
