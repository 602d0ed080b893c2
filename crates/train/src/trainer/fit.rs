use std::time::{Duration, Instant};

use selvedge_data::{Batch, Epoch};
use selvedge_nn::NamedLayers;

use super::recent::Recent;
use super::steps::Steps;
use super::{Best, Event, Every, FitOptions, MixedPrecision, Observer, Training};
use crate::TrainError;

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
    /// The most updates are made.
    OutOfSteps,
    /// The longest time is over.
    OutOfTime,
    /// It does not get better any more.
    Stalled,
}

/// Trains until all epochs are done, and tells `observer` what happens.
///
/// Each step is the chapter's: `zero_grad`, forward, loss, `backward`, `step`; with L-BFGS, as many forwards and
/// backwards as it asks for. Where it can, it [compiles](crate::CompiledStep) the steps, with the same results but for rounding. The
/// losses are summed on the device, so that nothing waits for it within an epoch. It begins where `training` is, which a
/// checkpoint may have set.
///
/// # Errors
///
/// When an option has a value that it cannot have, the loaders have no batch or a schedule ends before the training, a
/// batch cannot be loaded, a loss or a gradient is not finite where the options want to know, a learning rate is not
/// finite, or the observer fails.
///
/// # Panics
///
/// When the network does not take the images, or the loss the labels.
#[track_caller]
pub fn fit<E: From<TrainError>>(
    training: &mut Training<'_>,
    options: &FitOptions,
    observer: &mut dyn Observer<E>,
) -> Result<Ended, E> {
    prepare(training, options)?;
    let _names = NamedLayers::of(training.model);
    let mut steps = Steps::new(training, options);
    let clock = Clock { before: training.time, began: Instant::now() };
    while training.loader.epoch < options.epochs {
        if let Some(ended) = limit(training, options) {
            return Ok(ended);
        }
        let epoch = training.loader.epoch as usize;
        let event = Event::EpochBegan {
            epoch,
            images: training.train.image_count(),
            learnt: training.loader.batch * training.train.batch_size(),
        };
        if observer.observe(&event, training)?.is_break() {
            return Ok(Ended::Stopped { epoch });
        }
        let mut batches = training.train.resume(training.loader).map_err(TrainError::from)?;
        while batches.len() > 0 {
            if let Some(ended) = limit(training, options) {
                // The averages of an epoch's beginning had their statistics at the end of the one before.
                if training.loader.batch > 0 {
                    update_bn(training, options)?;
                }
                return Ok(ended);
            }
            let began = Instant::now();
            let group = next_group(&mut batches, training, options)?;
            if let Some(chosen) = steps.choose(training, &group) {
                let event = Event::StepsChosen { refusal: chosen.as_ref().err() };
                if observer.observe(&event, training)?.is_break() {
                    return Ok(Ended::Stopped { epoch });
                }
            }
            if let Some(recorded) = steps.recorded() {
                let event = Event::StepsRecorded { refusal: recorded.err() };
                if observer.observe(&event, training)?.is_break() {
                    return Ok(Ended::Stopped { epoch });
                }
            }
            let loss = steps.step(training, &group)?;
            training.learnt(&loss, group.len(), images(&group));
            average(training, options, Every::Step);
            step_schedule(training, options, Every::Step, None)?;
            training.epoch_time += began.elapsed();
            let due = options.evaluate_every.is_some_and(|every| training.step.is_multiple_of(every));
            // Before the observers hear of the step: a checkpoint that they write has then seen the evaluation.
            let ended = match due && batches.len() > 0 {
                true => evaluate_within(training, options, observer)?,
                false => None,
            };
            training.time = clock.time();
            let mut stopped = false;
            if training.recent.steps >= options.log_every || batches.len() == 0 {
                stopped = log(training, observer)?;
            }
            let (step, images) = (training.epoch_steps as usize - 1, images(&group));
            let stepped = Event::Stepped { epoch, step, images, loss: &loss };
            stopped |= observer.observe(&stepped, training)?.is_break();
            if stopped {
                return Ok(Ended::Stopped { epoch });
            }
            if let Some(ended) = ended {
                return Ok(ended);
            }
        }
        if let Some(ended) = end_epoch(training, options, &clock, observer)? {
            return Ok(ended);
        }
    }
    Ok(Ended::Finished)
}

/// Tells the losses since the last time, and whether the observer wants to end.
fn log<E: From<TrainError>>(training: &mut Training<'_>, observer: &mut dyn Observer<E>) -> Result<bool, E> {
    let recent = std::mem::replace(&mut training.recent, Recent::none(training.train));
    let Recent { steps, images, .. } = recent;
    let learnt = training.loader.batch * training.train.batch_size();
    let event = Event::Logged {
        epoch: training.loader.epoch as usize,
        steps,
        images,
        learnt: learnt.min(training.train.image_count()),
        loss: &recent.mean(),
    };
    Ok(observer.observe(&event, training)?.is_break())
}

/// Evaluates in the middle of an epoch.
#[track_caller]
fn evaluate_within<E: From<TrainError>>(
    training: &mut Training<'_>,
    options: &FitOptions,
    observer: &mut dyn Observer<E>,
) -> Result<Option<Ended>, E> {
    update_bn(training, options)?;
    let Some(evaluation) = training.evaluate(&options.measures)? else { return Ok(None) };
    let epoch = training.loader.epoch as usize;
    let (best, stalled) = judge(training, options, options.monitor.of(&evaluation));
    let event = Event::Evaluated { epoch, evaluation: &evaluation, best, at_end: false };
    if observer.observe(&event, training)?.is_break() {
        return Ok(Some(Ended::Stopped { epoch }));
    }
    Ok(stalled.then_some(Ended::Stalled))
}

/// Evaluates at the end of an epoch, and goes on to the next.
#[track_caller]
fn end_epoch<E: From<TrainError>>(
    training: &mut Training<'_>,
    options: &FitOptions,
    clock: &Clock,
    observer: &mut dyn Observer<E>,
) -> Result<Option<Ended>, E> {
    let epoch = training.loader.epoch as usize;
    let (train_loss, elapsed) = (training.mean_loss(), training.epoch_time);
    average(training, options, Every::Epoch);
    update_bn(training, options)?;
    let evaluation = training.evaluate(&options.measures)?;
    // Without a validation set, the training loss has to do.
    let figure = evaluation.as_ref().map_or(train_loss, |evaluation| options.monitor.of(evaluation));
    let (best, stalled) = judge(training, options, figure);
    step_schedule(training, options, Every::Epoch, Some(figure))?;
    training.next_epoch();
    training.time = clock.time();
    let mut stopped = false;
    if let Some(evaluation) = &evaluation {
        let event = Event::Evaluated { epoch, evaluation, best, at_end: true };
        stopped = observer.observe(&event, training)?.is_break();
    }
    let event = Event::EpochEnded { epoch, train_loss, elapsed, evaluation: evaluation.as_ref() };
    stopped |= observer.observe(&event, training)?.is_break();
    Ok(match (stopped, stalled) {
        (true, _) => Some(Ended::Stopped { epoch }),
        (false, true) => Some(Ended::Stalled),
        (false, false) => None,
    })
}

/// Refuses what cannot be trained, and makes what the options need.
fn prepare(training: &mut Training<'_>, options: &FitOptions) -> Result<(), TrainError> {
    training.validate(options)?;
    training.gradients.clear();
    if options.precision == MixedPrecision::F16 && training.scaler.is_none() {
        training.scaler = Some(options.grad_scaler.clone());
    }
    Ok(())
}

/// The batches of the next update, each with its share of the images.
fn next_group(
    batches: &mut Epoch<'_>,
    training: &Training<'_>,
    options: &FitOptions,
) -> Result<Vec<(Batch, f64)>, TrainError> {
    let size = training.train.batch_size();
    // Those of a last batch that is dropped do not count.
    let samples = training.train.image_count().min(training.train.len() * size);
    let mut group = Vec::new();
    for batch in batches {
        let number = training.loader.batch + group.len();
        let (epoch, classes) = (training.loader.epoch, options.measures.classes);
        let batch = options.mixing.mix(batch?, epoch, number * size, classes)?;
        let part = options.accumulation.part(number as u64, size as u64, samples as u64);
        group.push((batch, part.weight));
        if part.steps {
            break;
        }
    }
    Ok(group)
}

fn images(group: &[(Batch, f64)]) -> usize {
    group.iter().map(|(batch, _)| batch.len()).sum()
}

#[track_caller]
fn step_schedule(
    training: &mut Training<'_>,
    options: &FitOptions,
    now: Every,
    figure: Option<f64>,
) -> Result<(), TrainError> {
    if let Some(scheduler) = training.scheduler.as_mut().filter(|_| options.schedule_every == now) {
        scheduler.step(figure, training.optimizer);
        scheduler.check()?;
    }
    Ok(())
}

fn average(training: &Training<'_>, options: &FitOptions, now: Every) {
    let begun = options.average_every == now && training.loader.epoch >= options.average_from;
    if let Some(averaged) = training.averaged.as_ref().filter(|_| begun) {
        averaged.update_parameters(training.model);
    }
}

#[track_caller]
fn update_bn(training: &Training<'_>, options: &FitOptions) -> Result<(), TrainError> {
    if options.average_update_bn { training.update_bn() } else { Ok(()) }
}

/// Whether the figure is the best so far, and whether it is time to end.
fn judge(training: &mut Training<'_>, options: &FitOptions, figure: f64) -> (bool, bool) {
    let best = options.monitor.is_better(figure, training.best.map(|best| best.figure), 0.0);
    if best {
        training.best = Some(Best { epoch: training.loader.epoch, step: training.step, figure });
    }
    let early_stopping = options.early_stopping.as_ref();
    let ends =
        |stopping: &super::EarlyStopping| stopping.ends(&mut training.patience, options.monitor, figure);
    (best, early_stopping.is_some_and(ends))
}

/// Whether there is an end before the last epoch.
fn limit(training: &Training<'_>, options: &FitOptions) -> Option<Ended> {
    if options.max_steps.is_some_and(|most| training.step >= most) {
        return Some(Ended::OutOfSteps);
    }
    let late = options.max_seconds.is_some_and(|most| training.time.as_secs_f64() >= most);
    late.then_some(Ended::OutOfTime)
}

/// How long a training goes on, in this process and in those before.
struct Clock {
    before: Duration,
    began: Instant,
}

impl Clock {
    fn time(&self) -> Duration {
        self.before + self.began.elapsed()
    }
}
