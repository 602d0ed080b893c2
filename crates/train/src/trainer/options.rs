use serde::{Deserialize, Serialize};

use super::{Compile, EarlyStopping, MixedPrecision, Mixing, Monitor};
use crate::clip::{ClipGradientNorm, ClipGradientValue};
use crate::domain::Domain;
use crate::metric::Measures;
use crate::{Accumulation, GradScaler, NanGuard, TrainError};

/// How [`fit`](super::fit) trains. The default is the chapter's loop: ten epochs, a step for each batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitOptions {
    /// Passes over the training set, positive. Default: 10.
    pub epochs: u64,
    /// The most updates, positive. Default: no limit.
    pub max_steps: Option<u64>,
    /// The longest that it goes on, in seconds, evaluations included; the step that runs is finished. Default: no
    /// limit.
    pub max_seconds: Option<f64>,
    /// Batches for one update. Default: 1.
    pub accumulation: Accumulation,
    /// Scales the gradients down together, before each update. Default: not.
    pub clip_norm: Option<ClipGradientNorm>,
    /// Cuts the values of the gradients off, before each update, after `clip_norm`. Default: not.
    pub clip_value: Option<ClipGradientValue>,
    /// The kind of the forward pass. Default: f32.
    pub precision: MixedPrecision,
    /// How the loss is scaled in f16. Default: PyTorch's.
    pub grad_scaler: GradScaler,
    /// Ends the training with an error where a loss is NaN or infinite. Default: it goes on, as in PyTorch.
    pub nan_guard: Option<NanGuard>,
    /// Whether the steps are compiled where they can be, with the same results but for rounding. Default: `auto`, they are.
    pub compile: Compile,
    /// Mixes the images of a batch. Default: not.
    pub mixing: Mixing,
    /// When the schedule takes a step. Default: after each epoch.
    pub schedule_every: Every,
    /// How many updates the losses are told together of, positive. Default: 20.
    pub log_every: u64,
    /// Evaluates after every so many updates, positive, and not only after each epoch. Default: not.
    pub evaluate_every: Option<u64>,
    /// How outputs are measured. Default: as classifiers of ten classes.
    pub measures: Measures,
    /// The figure that says how good a model is. Default: the loss.
    pub monitor: Monitor,
    /// When the averaged model takes in the parameters, where there is one. Default: after each update.
    pub average_every: Every,
    /// The first epoch that goes into the averages, from 0. Default: 0.
    pub average_from: u64,
    /// Whether the batch normalisations of the averages get [their own statistics](crate::update_bn) before they are
    /// evaluated and when the training ends, which goes over the training images. Default: `true`.
    pub average_update_bn: bool,
    /// Ends the training when it does not get better any more. Default: not.
    pub early_stopping: Option<EarlyStopping>,
}

/// When something is done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// After each epoch.
    Epoch,
    /// After each update.
    Step,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            epochs: 10,
            max_steps: None,
            max_seconds: None,
            accumulation: Accumulation::default(),
            clip_norm: None,
            clip_value: None,
            precision: MixedPrecision::default(),
            grad_scaler: GradScaler::default(),
            nan_guard: None,
            compile: Compile::default(),
            mixing: Mixing::default(),
            schedule_every: Every::Epoch,
            log_every: 20,
            evaluate_every: None,
            measures: Measures::default(),
            monitor: Monitor::default(),
            average_every: Every::Step,
            average_from: 0,
            average_update_bn: true,
            early_stopping: None,
        }
    }
}

impl FitOptions {
    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> Result<(), TrainError> {
        const DOMAIN: Domain = Domain("FitOptions");
        let positive = |option, value: Option<u64>| {
            DOMAIN.require(value != Some(0), option, "a number from 1 on", value.unwrap_or(0))
        };
        positive("epochs", Some(self.epochs))?;
        positive("max_steps", self.max_steps)?;
        positive("log_every", Some(self.log_every))?;
        positive("evaluate_every", self.evaluate_every)?;
        if let Some(seconds) = self.max_seconds {
            DOMAIN.positive("max_seconds", seconds)?;
        }
        self.accumulation.validate()?;
        self.clip_norm.as_ref().map_or(Ok(()), ClipGradientNorm::validate)?;
        self.clip_value.as_ref().map_or(Ok(()), ClipGradientValue::validate)?;
        self.grad_scaler.validate()?;
        self.nan_guard.as_ref().map_or(Ok(()), NanGuard::validate)?;
        self.mixing.validate()?;
        self.measures.validate()?;
        self.early_stopping.as_ref().map_or(Ok(()), EarlyStopping::validate)
    }
}
