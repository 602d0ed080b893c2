use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::{Evaluation, Event, JsonLines, Observer, Training};
use crate::TrainError;

/// Writes every evaluation of a training into a file, a line each, and the training loss of each epoch with it.
#[derive(Debug)]
pub struct MetricsLog {
    /// Where to.
    pub file: JsonLines,
}

/// A line of a [`MetricsLog`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricsRow {
    /// The epoch, from 0.
    pub epoch: usize,
    /// The updates before it.
    pub step: u64,
    /// The learning rate of each group.
    pub lrs: Vec<f64>,
    /// The mean loss of the epoch's updates; none within an epoch, or where it is not finite.
    pub train_loss: Option<f64>,
    /// What the epoch's updates took, in seconds; none within an epoch.
    pub seconds: Option<f64>,
    /// What was found, where there is a validation set.
    pub evaluation: Option<Evaluation>,
}

impl<E: From<TrainError>> Observer<E> for MetricsLog {
    fn observe(&mut self, event: &Event<'_>, training: &Training<'_>) -> Result<ControlFlow<()>, E> {
        let groups = 0..training.optimizer.group_count();
        let row = |epoch, evaluation: Option<&Evaluation>| MetricsRow {
            epoch,
            step: training.step(),
            lrs: groups.map(|group| training.optimizer.group_lr(group)).collect(),
            train_loss: None,
            seconds: None,
            evaluation: evaluation.cloned(),
        };
        match *event {
            Event::Evaluated { epoch, evaluation, at_end: false, .. } => {
                self.file.append(&row(epoch, Some(evaluation)))?;
            }
            Event::EpochEnded { epoch, train_loss, elapsed, evaluation } => {
                let (train_loss, seconds) = (Some(train_loss), Some(elapsed.as_secs_f64()));
                self.file.append(&MetricsRow { train_loss, seconds, ..row(epoch, evaluation) })?;
            }
            _ => {}
        }
        Ok(ControlFlow::Continue(()))
    }
}
