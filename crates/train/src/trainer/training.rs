use std::time::Duration;

use selvedge_data::{Loader, LoaderState};
use selvedge_nn::Forward;
use selvedge_torch::is_same;
use tch::{Kind, Tensor};

use super::recent::Recent;
use super::{Best, Evaluation, Every, FitOptions, MixedPrecision, Monitor, Patience, Position, evaluate};
use crate::domain::Domain;
use crate::lr_scheduler::AnyScheduler;
use crate::metric::Measures;
use crate::optim::Optimize;
use crate::{AveragedModel, GradScaler, Loss, TrainError, generators, has_running_statistics, update_bn};

/// What [`fit`](super::fit) trains, with what, and how far it has come.
///
/// Everything that a training changes is in here, so that a checkpoint of it loses nothing.
pub struct Training<'a> {
    /// The network.
    pub model: &'a dyn Forward,
    /// The loss, which gives the mean over a batch.
    pub loss: &'a dyn Loss,
    /// Changes the parameters of the network.
    pub optimizer: &'a mut (dyn Optimize + 'static),
    /// The images to learn from.
    pub train: &'a Loader,
    /// The images to evaluate with after each epoch; none at first.
    pub validation: Option<&'a Loader>,
    /// Changes the learning rates; none at first.
    pub scheduler: Option<AnyScheduler>,
    /// A second network of the same kind, whose parameters are averages of the first's; none at first. It is the one
    /// that is evaluated.
    pub averaged: Option<AveragedModel<Box<dyn Forward>>>,
    /// Scales the loss; [`fit`](super::fit) makes one for f16.
    pub scaler: Option<GradScaler>,
    /// Those that compiled steps write, with their parameters; empty where libtorch keeps them.
    pub(super) gradients: Vec<(Tensor, Tensor)>,
    pub(super) loader: LoaderState,
    pub(super) step: u64,
    pub(super) epoch_steps: u64,
    /// On the device, so that nothing waits for it within an epoch.
    pub(super) running_loss: Tensor,
    pub(super) recent: Recent,
    pub(super) epoch_time: Duration,
    pub(super) time: Duration,
    pub(super) best: Option<Best>,
    pub(super) patience: Patience,
}

impl<'a> Training<'a> {
    /// The beginning of a training without a validation set, a schedule or averages.
    pub fn new(
        model: &'a dyn Forward,
        loss: &'a dyn Loss,
        optimizer: &'a mut (dyn Optimize + 'static),
        train: &'a Loader,
    ) -> Self {
        Self {
            model,
            loss,
            optimizer,
            train,
            validation: None,
            scheduler: None,
            averaged: None,
            scaler: None,
            gradients: Vec::new(),
            loader: LoaderState::default(),
            step: 0,
            epoch_steps: 0,
            running_loss: zero(train),
            recent: Recent::none(train),
            epoch_time: Duration::ZERO,
            time: Duration::ZERO,
            best: None,
            patience: Patience::default(),
        }
    }

    /// The updates so far.
    #[must_use]
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The epoch and its next batch.
    #[must_use]
    pub fn loader_state(&self) -> LoaderState {
        self.loader
    }

    /// The best evaluation so far, by the figure that is monitored.
    #[must_use]
    pub fn best(&self) -> Option<Best> {
        self.best
    }

    /// The gradient of a parameter that the optimizer trains, by the last step, compiled or not, which the next one
    /// overwrites; none before the first step, or where the loss does not depend on the parameter.
    #[must_use]
    pub fn gradient(&self, parameter: &Tensor) -> Option<Tensor> {
        let compiled = self.gradients.iter().find(|(known, _)| is_same(known, parameter));
        let gradient = compiled.map_or_else(|| parameter.grad(), |(_, gradient)| gradient.shallow_clone());
        gradient.defined().then_some(gradient)
    }

    /// How far it has come. It waits for the device.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            loader: self.loader,
            step: self.step,
            epoch_steps: self.epoch_steps,
            running_loss: self.running_loss.double_value(&[]),
            recent: self.recent.losses(),
            epoch_seconds: self.epoch_time.as_secs_f64(),
            seconds: self.time.as_secs_f64(),
            best: self.best,
            patience: self.patience.clone(),
        }
    }

    /// Goes on from where another training was. The states of what is trained are loaded apart from it.
    ///
    /// # Errors
    ///
    /// When the epochs of the loader have not so many batches: the position is of other images or other batches.
    pub fn set_position(&mut self, position: &Position) -> Result<(), TrainError> {
        self.train.resume(position.loader)?;
        let seconds = |seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default();
        self.loader = position.loader;
        self.step = position.step;
        self.epoch_steps = position.epoch_steps;
        self.running_loss = zero(self.train).fill_(position.running_loss);
        self.recent = Recent::of(&position.recent, self.train);
        self.epoch_time = seconds(position.epoch_seconds);
        self.time = seconds(position.seconds);
        self.best = position.best;
        self.patience = position.patience.clone();
        Ok(())
    }

    /// The network that is evaluated and kept: the averages, once something went into them.
    #[must_use]
    pub fn evaluated(&self) -> &dyn Forward {
        let begun = |averaged: &&AveragedModel<_>| averaged.n_averaged.int64_value(&[]) > 0;
        self.averaged.as_ref().filter(begun).map_or(self.model, |averaged| &*averaged.module)
    }

    /// Whether it can be trained with these options, as [`fit`](super::fit) finds out before it begins.
    ///
    /// # Errors
    ///
    /// When an option has a value that it cannot have, or does not fit what is trained.
    pub fn validate(&self, options: &FitOptions) -> Result<(), TrainError> {
        const DOMAIN: Domain = Domain("FitOptions");
        options.validate()?;
        let half = options.precision == MixedPrecision::F16;
        let repeats = self.optimizer.repeats();
        DOMAIN.require(!(half && repeats), "precision", "f32 or bf16 with L-BFGS", options.precision)?;
        let watches =
            options.early_stopping.is_some() || matches!(self.scheduler, Some(AnyScheduler::Plateau(_)));
        let seen = self.validation.is_some() || options.monitor == Monitor::Loss;
        DOMAIN.require(
            !watches || seen,
            "monitor",
            "loss, where there is no validation set",
            options.monitor,
        )?;
        drop(options.precision.enter(self.train.device())?);
        has_batches("training", self.train)?;
        self.validation.map_or(Ok(()), |loader| has_batches("validation", loader))?;
        self.schedule_suffices(options)
    }

    /// A schedule that ends has to go on for as long as the training.
    fn schedule_suffices(&self, options: &FitOptions) -> Result<(), TrainError> {
        let Some((scheduler, found)) = self.scheduler.as_ref().and_then(|it| Some((it, it.end()?))) else {
            return Ok(());
        };
        let of_epoch = (self.train.len() as u64).div_ceil(options.accumulation.batches).max(1);
        let updates = of_epoch.saturating_mul(options.epochs).min(options.max_steps.unwrap_or(u64::MAX));
        let (expected, done, every) = match options.schedule_every {
            Every::Step => (updates, self.step, "update"),
            Every::Epoch => (updates / of_epoch, self.loader.epoch, "epoch"),
        };
        // The state of a schedule can come from elsewhere, and be ahead of the training.
        let found = found.saturating_sub(scheduler.last_epoch().saturating_sub(done));
        if found < expected {
            let schedule = scheduler.name();
            return Err(TrainError::ScheduleTooShort { schedule, found, expected, every });
        }
        Ok(())
    }

    /// The figures of the network on the validation set, where there is one.
    ///
    /// # Errors
    ///
    /// When a batch cannot be loaded.
    ///
    /// # Panics
    ///
    /// As [`evaluate`](super::evaluate).
    #[track_caller]
    pub fn evaluate(&self, measures: &Measures) -> Result<Option<Evaluation>, TrainError> {
        let Some(loader) = self.validation else { return Ok(None) };
        Ok(Some(evaluate(self.evaluated(), self.loss, loader, measures.clone())?))
    }

    /// Gives the batch normalisations of the averages the statistics of the training images, as the epoch that runs shows
    /// them. The random generators stay as they are. Nothing happens without averages or without such layers.
    ///
    /// # Errors
    ///
    /// When a batch cannot be loaded.
    #[track_caller]
    pub fn update_bn(&self) -> Result<(), TrainError> {
        let averaged = self.averaged.as_ref().filter(|averaged| has_running_statistics(*averaged));
        let Some(averaged) = averaged else { return Ok(()) };
        let (mut failure, device) = (None, self.train.device());
        // A dropout beside them draws.
        let generators = generators::states(device)?;
        let batches = self.train.epoch(self.loader.epoch).map_while(|batch| match batch {
            Ok(batch) => Some(batch.images),
            Err(error) => {
                failure = Some(error);
                None
            }
        });
        update_bn(averaged, batches);
        generators::restore(&generators, device)?;
        failure.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Takes an update into account.
    pub(super) fn learnt(&mut self, loss: &Tensor, batches: usize, images: usize) {
        self.running_loss += loss;
        self.recent.add(loss, images);
        self.loader.batch += batches;
        self.epoch_steps += 1;
        self.step += 1;
    }

    /// The mean of the losses of the epoch's updates.
    pub(super) fn mean_loss(&self) -> f64 {
        self.running_loss.double_value(&[]) / self.epoch_steps as f64
    }

    /// Begins the next epoch.
    pub(super) fn next_epoch(&mut self) {
        self.loader = LoaderState { epoch: self.loader.epoch + 1, batch: 0 };
        self.epoch_steps = 0;
        self.running_loss = zero(self.train);
        self.epoch_time = Duration::ZERO;
    }
}

/// Refuses a loader whose epochs have no batch: nothing would be trained, or every figure NaN.
fn has_batches(split: &'static str, loader: &Loader) -> Result<(), TrainError> {
    if !loader.is_empty() {
        return Ok(());
    }
    let (images, batch_size) = (loader.image_count(), loader.batch_size());
    let dropped = if images > 0 { ", and a last batch that is not full is dropped (drop_last)" } else { "" };
    Err(TrainError::NoBatches { split, images, batch_size, dropped })
}

pub(super) fn zero(loader: &Loader) -> Tensor {
    // The GPU of a Mac has no doubles.
    let kind = if loader.device() == tch::Device::Mps { Kind::Float } else { Kind::Double };
    Tensor::zeros([], (kind, loader.device()))
}
