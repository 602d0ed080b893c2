//! Carries a run out, from its beginning or from a checkpoint.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use indicatif::ProgressBar;
use selvedge_console::{escaped_line, report_line};
use selvedge_nn::{Forward, ModuleExt};
use selvedge_report::{About, Environment, HeldOut, Journal, Samples};
use selvedge_train::AveragedModel;
use selvedge_train::checkpoint::{Checkpointer, Snapshot};
use selvedge_train::trainer::{Ended, Event, Observers, Training, fit};
use serde_json::json;

use crate::config::{Config, Invalid, Predictions};
use crate::ending::Ending;
use crate::interrupt::Interrupt;
use crate::log::Log;
use crate::logs::Logs;
use crate::named::name_of;
use crate::output::Output;
use crate::run::Run;
use crate::session::Splits;
use crate::{digests, path, progress, report, restore, session};

/// Where a run begins.
pub(crate) enum Start<'a> {
    /// At the beginning, in this folder or in the next free one.
    New { out: Option<&'a Path> },
    /// After what is logged, at a checkpoint where there is one.
    /// The configuration is there where the folder's is to be another one.
    Again { run: Run, snapshot: Option<Box<Snapshot>>, rewritten: Option<Box<Config>> },
}

pub(crate) fn carry_out(
    config: &Config,
    start: Start<'_>,
    interrupt: &Interrupt,
    ending: Ending,
    output: Output,
) -> Result<ExitCode> {
    let device = session::prepare(config)?;
    let splits = Splits::load(config, device)?;
    let Splits { train, held_out, measured } = &splits;
    let model = config.model.build();
    model.to(device);
    let loss = config.loss.build();
    let mut optimizer = config.optimizer.build(model.named_parameters()).map_err(Invalid::from)?;
    let schedule = config.schedule.as_ref().map(|schedule| schedule.build(&mut *optimizer)).transpose()?;
    let about = about(&*model, config, &splits);

    let mut training = Training::new(&*model, &*loss, &mut *optimizer, train);
    training.validation = Some(held_out);
    training.scheduler = schedule;
    if let Some(averaging) = config.averaging {
        let averages = config.model.build();
        averages.to(device);
        let mut averaged = AveragedModel::new(averages, &*model, averaging)?;
        averaged.use_buffers = config.average_buffers;
        training.averaged = Some(averaged);
    }
    // What needs the images to be found out, before anything is written.
    training.validate(&config.fit).map_err(|error| Invalid::from(anyhow::Error::from(error)))?;
    let mut config = config.clone();
    let (run, rows, resumes, again) = match start {
        Start::New { out } => {
            // The run folder keeps the number of threads, so that the run can be repeated to the bit.
            if config.threads.is_none() {
                config.threads = session::choose_threads(&training, &config.fit, output)?;
            }
            (Run::create(out, &config)?, Vec::new(), false, false)
        }
        Start::Again { run, snapshot, rewritten } => {
            // First, since a checkpoint that does not fit must not change the folder.
            if let Some(snapshot) = &snapshot {
                let within = || format!("{} can not be gone on with", run.directory().display());
                snapshot.restore(&mut training).with_context(within)?;
            }
            digests::forget(run.directory())?;
            if let Some(config) = rewritten {
                run.write_config(&config)?;
            }
            let rows = restore::to_checkpoint(&run, snapshot.as_deref(), &mut report_line)?;
            (run, rows, snapshot.is_some(), true)
        }
    };
    let config = &config;
    output.say(describe(&training, config), || json!(about));
    let mut journal = Journal::begin(run.directory(), &about)?;
    if let Some(Predictions { images }) = config.logs.predictions {
        let names = config.data.source.class_names();
        Samples::first(images, held_out.dataset(), names)?
            .map_or(Ok(()), |samples| journal.follow(&samples))?;
    }
    if resumes {
        let step = training.step();
        output.say(format_args!("going on after step {step}"), || json!({ "resumed_after_step": step }));
    }
    // Also where a run begins anew that had come some way.
    if again {
        journal.go_on_after(training.step())?;
    }
    digests::record(run.directory())?;
    let mut logs = Logs::of(config, &run, held_out)?;
    let kept = serde_json::to_value(config)?;
    let mut checkpointer = Checkpointer::new(run.checkpoints(), config.checkpoint.clone(), kept)?;
    checkpointer.copy_files(run.directory(), restore::COPIED, restore::LOGS)?;

    let metrics = run.metrics();
    let mut log = Log { run: &run, config, output, measured: *measured, rows, metrics, last: None };
    let mut bar = ProgressBar::hidden();
    let mut observer = |event: &Event<'_>, training: &Training<'_>| -> Result<ControlFlow<()>> {
        journal.observe(event, training)?;
        match *event {
            Event::EpochBegan { epoch, images, learnt } if !output.quiet => {
                bar = progress::epoch_bar(epoch, config.fit.epochs, images);
                bar.set_position(learnt as u64);
            }
            Event::StepsChosen { refusal } => bar.suspend(|| {
                let texts = ["the steps are compiled", "the steps are not compiled"];
                tell(output, "compiled", texts, refusal.map(ToString::to_string));
            }),
            Event::StepsRecorded { refusal } => bar.suspend(|| {
                let texts =
                    ["forward and backward are one CUDA graph", "forward and backward are no CUDA graph"];
                tell(output, "recorded", texts, refusal.map(ToString::to_string));
            }),
            Event::Stepped { images, .. } => bar.inc(images as u64),
            Event::Evaluated { best: true, .. } => run.save_best(training.evaluated())?,
            Event::EpochEnded { epoch, train_loss, elapsed, evaluation: Some(evaluation) } => {
                bar.finish_and_clear();
                log.epoch_ended(training, epoch, train_loss, evaluation, elapsed.as_secs_f64())?;
                if let Some(row) = log.rows.last() {
                    journal.epoch_ended(row, training.evaluated())?;
                }
            }
            _ => {}
        }
        Ok(if interrupt.pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    // The log before the checkpoint: what a checkpoint has seen is logged.
    let mut observers = Observers(vec![&mut observer]);
    observers.0.extend(logs.observers());
    observers.0.push(&mut checkpointer);
    let ended = fit(&mut training, &config.fit, &mut observers)?;
    drop(observers);
    bar.finish_and_clear();
    log.metrics.check()?;
    journal.check()?;
    logs.check()?;
    checkpointer.close(&training)?;
    let state = training.loader_state();
    let stopped = matches!(ended, Ended::Stopped { .. }) && state.epoch < config.fit.epochs;
    // A limit within an epoch: the model is what it was then.
    let within = state.batch > 0 && !stopped;
    if within {
        run.save(training.evaluated())?;
    }
    if within || !log.rows.is_empty() {
        let last = log.last.take().filter(|_| !within);
        let test = report::conclude(&run, config, held_out, *measured, last, &mut journal)?;
        if *measured == HeldOut::Validation {
            let (loss, accuracy) = (test.loss, 100.0 * test.accuracy);
            let text = format!("Test loss: {loss:.4}   test accuracy: {accuracy:.2} %");
            output.say(text, || json!({ "test_loss": loss, "test_accuracy": test.accuracy }));
        }
    }
    let best = training.best();
    let directory = run.directory().display();
    if stopped {
        report_line(format_args!("interrupted in epoch {}; {}", state.epoch + 1, log.kept(best)));
        let resume = escaped_line(format_args!("`cargo xtask resume {directory}`"));
        report_line(format_args!("{resume} goes on after step {}", training.step()));
        return Ok(ExitCode::from(interrupt.exit_status()));
    }
    let lost = ending.judge(log.rows.last(), &training.position());
    let step = training.step();
    let text = match within {
        true => format!("ended after step {step}; the model is {directory}/model.safetensors"),
        false => log.kept(best),
    };
    output.say(text, || json!({ "ended_after_step": step, "run": path::to_json(run.directory()) }));
    Ok(lost)
}

/// Whether something could be done, or why not.
fn tell(output: Output, what: &str, [done, not_done]: [&str; 2], refusal: Option<String>) {
    let text = refusal.as_ref().map_or_else(|| done.to_owned(), |refusal| format!("{not_done}: {refusal}"));
    output.say(text, || json!({ what: refusal.is_none(), "refusal": refusal }));
}

fn describe(training: &Training<'_>, config: &Config) -> String {
    let Training { model, optimizer, train, .. } = training;
    let threads = tch::get_num_threads();
    format!(
        "{}: {} parameters, {} images, batches of {}, {} with learning rate {}, {threads} {}, {}",
        name_of(&config.model),
        model.parameter_count(),
        train.image_count(),
        train.batch_size(),
        optimizer.name(),
        optimizer.group_lr(0),
        if threads == 1 { "thread" } else { "threads" },
        session::device_name(train.device()),
    )
}

/// What the report says of the run before it begins.
fn about(model: &dyn Forward, config: &Config, splits: &Splits) -> About {
    let Splits { train, held_out, measured } = splits;
    let images = |of: HeldOut| if of == *measured { held_out.image_count() } else { 0 };
    About {
        network: name_of(&config.model),
        dataset: name_of(&config.data.source),
        parameters: model.parameter_count(),
        // A sampler may take fewer, or some more than once.
        training_images: train.image_count().min(train.dataset().len()),
        validation_images: images(HeldOut::Validation),
        test_images: images(HeldOut::Test),
        environment: Environment::here(train.device()),
        ..About::default()
    }
}
