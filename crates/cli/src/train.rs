use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use indicatif::ProgressBar;
use selvedge_data::Loader;
use selvedge_nn::{Forward, ModuleExt};
use selvedge_report::{About, Environment, Epoch, Journal};
use selvedge_train::trainer::{Ended, Evaluation, Event, Training, fit};
use selvedge_train::{AveragedModel, Optimize};

use crate::config::{self, Config, Invalid};
use crate::interrupt::{EXIT_STATUS, Interrupt};
use crate::run::Run;
use crate::session::Splits;
use crate::{progress, report, session};

/// How many steps a row of `steps.jsonl` stands for.
const STEPS_OF_A_ROW: usize = 20;

/// Train one of the chapter's networks.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask train --model cnn --epochs 3 --out runs/first-try")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: config::Arguments,
    /// The run folder, which has to be new or empty [default: the next runs/MODEL-N]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the whole configuration that the run would have, and stop
    #[arg(long)]
    print_config: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let config = arguments.config.config().map_err(Invalid::from)?;
    if arguments.print_config {
        println!("{}", serde_json::to_string_pretty(&config)?);
        return Ok(ExitCode::SUCCESS);
    }
    let interrupt = Interrupt::watch()?;
    let device = session::prepare(&config)?;
    let Splits { train, held_out } = Splits::load(&config, device)?;
    let model = config.model.build();
    model.to(device);
    let loss = config.loss.build();
    let mut optimizer = config.optimizer.build(model.named_parameters().into())?;
    let schedule = config.schedule.as_ref().map(|schedule| schedule.build(&mut *optimizer)).transpose()?;
    let run = Run::create(arguments.out.as_deref(), &config)?;
    println!("{}", describe(&*model, &config, &*optimizer, &train));

    let mut training = Training::new(&*model, &*loss, &mut *optimizer, &train);
    training.validation = Some(&held_out);
    training.scheduler = schedule;
    if let Some(averaging) = config.averaging {
        let averages = config.model.build();
        averages.to(device);
        training.averaged = Some(AveragedModel::new(averages, &*model, averaging)?);
    }
    let about = about(&*model, &config, &train, &held_out);
    let mut journal = Journal::begin(run.directory(), &about, STEPS_OF_A_ROW)?;
    let mut log = Log { run: &run, config: &config, rows: Vec::new() };
    let mut bar = ProgressBar::hidden();
    let mut observer = |event: &Event<'_>, training: &Training<'_>| -> Result<ControlFlow<()>> {
        journal.observe(event, training.optimizer.group_lr(0))?;
        match *event {
            Event::EpochBegan { epoch, images, .. } => {
                bar = progress::epoch_bar(epoch, config.fit.epochs, images);
            }
            Event::StepsChosen { refusal } => bar.suspend(|| match refusal {
                None => println!("the steps are compiled"),
                Some(refusal) => println!("the steps are not compiled: {refusal}"),
            }),
            Event::Stepped { images, .. } => bar.inc(images as u64),
            Event::EpochEnded { epoch, train_loss, elapsed, evaluation: Some(test) } => {
                bar.finish_and_clear();
                log.epoch_ended(training.evaluated(), epoch, train_loss, test, elapsed.as_secs_f64())?;
            }
            _ => {}
        }
        Ok(if interrupt.pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    let ended = fit(&mut training, &config.fit, &mut observer)?;
    bar.finish_and_clear();
    if !log.rows.is_empty() {
        report::conclude(&run, &config, &held_out, &mut journal)?;
    }
    match ended {
        Ended::Stopped { epoch } if (log.rows.len() as u64) < config.fit.epochs => {
            eprintln!("interrupted in epoch {}; {}", epoch + 1, log.kept());
            Ok(ExitCode::from(EXIT_STATUS))
        }
        _ => {
            println!("{}", log.kept());
            Ok(ExitCode::SUCCESS)
        }
    }
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
        println!(
            "Training loss: {train_loss:.4}   test accuracy: {accuracy:.2} %   (epoch {}/{}, {seconds:.1} s)",
            row.epoch, self.config.fit.epochs
        );
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
            None => format!("no epoch was finished; {directory} holds the configuration only"),
        }
    }
}
