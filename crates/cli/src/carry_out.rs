//! Carries a run out, from its beginning or from a checkpoint.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use indicatif::ProgressBar;
use selvedge_data::Loader;
use selvedge_nn::{Forward, ModuleExt};
use selvedge_report::{About, Environment, Epoch, Journal};
use selvedge_train::checkpoint::{Checkpointer, Snapshot};
use selvedge_train::trainer::{Ended, Evaluation, Event, Observers, Training, fit};
use selvedge_train::{AveragedModel, Optimize};
use serde_json::json;

use crate::config::Config;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::run::Run;
use crate::session::Splits;
use crate::{progress, report, session};

/// How many steps a row of `steps.jsonl` stands for.
const STEPS_OF_A_ROW: usize = 20;

/// Where a run begins.
pub(crate) enum Start<'a> {
    /// At the beginning, in this folder or in the next free one.
    New { out: Option<&'a Path> },
    /// After what is logged, at a checkpoint where there is one.
    Again { run: Run, rows: Vec<Epoch>, snapshot: Option<Box<Snapshot>> },
}

pub(crate) fn carry_out(
    config: &Config,
    start: Start<'_>,
    interrupt: &Interrupt,
    output: Output,
) -> Result<ExitCode> {
    let device = session::prepare(config)?;
    let Splits { train, held_out } = Splits::load(config, device)?;
    let model = config.model.build();
    model.to(device);
    let loss = config.loss.build();
    let mut optimizer = config.optimizer.build(model.named_parameters().into())?;
    let schedule = config.schedule.as_ref().map(|schedule| schedule.build(&mut *optimizer)).transpose()?;
    let (run, rows, snapshot) = match start {
        Start::New { out } => (Run::create(out, config)?, Vec::new(), None),
        Start::Again { run, rows, snapshot } => (run, rows, snapshot),
    };
    let about = about(&*model, config, &train, &held_out);
    output.say(describe(&*model, config, &*optimizer, &train), || json!(about));

    let mut training = Training::new(&*model, &*loss, &mut *optimizer, &train);
    training.validation = Some(&held_out);
    training.scheduler = schedule;
    if let Some(averaging) = config.averaging {
        let averages = config.model.build();
        averages.to(device);
        training.averaged = Some(AveragedModel::new(averages, &*model, averaging)?);
    }
    let mut journal = Journal::begin(run.directory(), &about, STEPS_OF_A_ROW)?;
    if let Some(snapshot) = snapshot {
        let within = || format!("{} can not be gone on with", run.directory().display());
        snapshot.restore(&mut training).with_context(within)?;
        let step = training.step();
        output.say(format_args!("going on after step {step}"), || json!({ "resumed_after_step": step }));
    }
    // Also where a run begins anew that had come some way.
    journal.go_on_after(training.step())?;
    let kept = serde_json::to_value(config)?;
    let mut checkpointer = Checkpointer::new(run.checkpoints(), config.checkpoint.clone(), kept)?;

    let mut log = Log { run: &run, config, output, rows };
    let mut bar = ProgressBar::hidden();
    let mut observer = |event: &Event<'_>, training: &Training<'_>| -> Result<ControlFlow<()>> {
        journal.observe(event, training.optimizer.group_lr(0))?;
        match *event {
            Event::EpochBegan { epoch, images, learnt } if !output.quiet => {
                bar = progress::epoch_bar(epoch, config.fit.epochs, images);
                bar.set_position(learnt as u64);
            }
            Event::StepsChosen { refusal } => bar.suspend(|| {
                let refusal = refusal.map(ToString::to_string);
                let text = refusal.as_ref().map_or_else(
                    || "the steps are compiled".to_owned(),
                    |refusal| format!("the steps are not compiled: {refusal}"),
                );
                output.say(text, || json!({ "compiled": refusal.is_none(), "refusal": refusal }));
            }),
            Event::Stepped { images, .. } => bar.inc(images as u64),
            Event::EpochEnded { epoch, train_loss, elapsed, evaluation: Some(test) } => {
                bar.finish_and_clear();
                let model = training.evaluated();
                log.epoch_ended(model, epoch, train_loss, test, elapsed.as_secs_f64())?;
                if let Some(row) = log.rows.last() {
                    journal.epoch_ended(row, model)?;
                }
            }
            _ => {}
        }
        Ok(if interrupt.pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    // The log before the checkpoint: what a checkpoint has seen is logged.
    let ended = fit(&mut training, &config.fit, &mut Observers(vec![&mut observer, &mut checkpointer]))?;
    bar.finish_and_clear();
    checkpointer.close(&training)?;
    let state = training.loader_state();
    let stopped = matches!(ended, Ended::Stopped { .. }) && state.epoch < config.fit.epochs;
    // A limit within an epoch: the model is what it was then.
    let within = state.batch > 0 && !stopped;
    if within {
        run.save(training.evaluated())?;
    }
    if within || !log.rows.is_empty() {
        report::conclude(&run, config, &held_out, &mut journal)?;
    }
    let directory = run.directory().display();
    if stopped {
        eprintln!("interrupted in epoch {}; {}", state.epoch + 1, log.kept());
        eprintln!("`cargo xtask resume {directory}` goes on after step {}", training.step());
        return Ok(ExitCode::from(interrupt.exit_status()));
    }
    let step = training.step();
    let text = match within {
        true => format!("ended after step {step}; the model is in {directory}"),
        false => log.kept(),
    };
    output.say(text, || json!({ "ended_after_step": step, "run": run.directory() }));
    Ok(ExitCode::SUCCESS)
}

fn describe(model: &dyn Forward, config: &Config, optimizer: &dyn Optimize, train: &Loader) -> String {
    format!(
        "{}: {} parameters, {} images, batches of {}, {} with learning rate {}, {} threads, {}",
        config.model.name(),
        model.parameter_count(),
        train.image_count(),
        train.batch_size(),
        optimizer.name(),
        optimizer.group_lr(0),
        tch::get_num_threads(),
        session::device_name(train.device()),
    )
}

/// What the report says of the run before it begins.
fn about(model: &dyn Forward, config: &Config, train: &Loader, held_out: &Loader) -> About {
    About {
        network: config.model.name().to_owned(),
        dataset: config.data.source.name(),
        parameters: model.parameter_count(),
        training_images: train.image_count(),
        test_images: held_out.image_count(),
        environment: Environment::here(train.device()),
        ..About::default()
    }
}

/// Writes down and prints what an epoch gave.
struct Log<'a> {
    run: &'a Run,
    config: &'a Config,
    output: Output,
    rows: Vec<Epoch>,
}

impl Log<'_> {
    fn epoch_ended(
        &mut self,
        model: &dyn Forward,
        epoch: usize,
        train_loss: f64,
        test: &Evaluation,
        seconds: f64,
    ) -> Result<()> {
        let row = Epoch {
            epoch: epoch + 1,
            train_loss,
            test_loss: test.loss,
            test_accuracy: test.accuracy,
            seconds,
        };
        // The model first: a row in the log says that its model is there.
        self.run.save(model)?;
        self.run.append(&row)?;
        let accuracy = 100.0 * row.test_accuracy;
        let text = format!(
            "Training loss: {train_loss:.4}   test accuracy: {accuracy:.2} %   (epoch {}/{}, {seconds:.1} s)",
            row.epoch, self.config.fit.epochs
        );
        self.output.say(text, || json!(row));
        self.rows.push(row);
        Ok(())
    }

    fn kept(&self) -> String {
        let directory = self.run.directory().display();
        match self.rows.last() {
            Some(row) => format!(
                "the model of epoch {} is in {directory}, and what to look at in {directory}/report.html",
                row.epoch
            ),
            None => format!("no epoch was finished; {directory} holds no model yet"),
        }
    }
}
