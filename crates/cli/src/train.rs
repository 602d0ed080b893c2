use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use indicatif::ProgressBar;
use selvedge_data::Loader;
use selvedge_nn::{Forward, ModuleExt};
use selvedge_train::trainer::{Ended, Evaluation, Event, evaluate, fit};
use selvedge_train::{Adam, NllLoss, Optimizer};

use crate::config::{Config, Invalid};
use crate::interrupt::{EXIT_STATUS, Interrupt};
use crate::network::Network;
use crate::run::{EpochRow, Run};
use crate::{picture, progress, session};

/// Train one of the chapter's networks.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask train --model cnn --epochs 3 --out runs/first-try")]
pub(crate) struct Arguments {
    /// The network [default: mlp]
    #[arg(long, value_enum)]
    model: Option<Network>,
    /// Adam's learning rate [default: 0.003]
    #[arg(long, allow_negative_numbers = true)]
    lr: Option<f64>,
    /// Images in a batch [default: 64]
    #[arg(long)]
    batch_size: Option<usize>,
    /// Passes over the training set [default: 10]
    #[arg(long)]
    epochs: Option<usize>,
    /// Decides the initial weights, the order of the images and the dropout [default: 0]
    #[arg(long)]
    seed: Option<u32>,
    /// auto, cpu, cuda, cuda:N or mps [default: auto]
    #[arg(long)]
    device: Option<String>,
    /// Threads of libtorch [default: its own choice]
    #[arg(long)]
    threads: Option<usize>,
    /// The folder of the four Fashion-MNIST files [default: the system's, or the cache]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The run folder, which has to be new or empty [default: the next runs/MODEL-N]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// A file with any of these options, as the config.json of a run; what is given here goes before it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Arguments {
    /// The defaults, under the file, under what was typed.
    fn config(&self) -> Result<Config> {
        let base = self.config.as_deref().map_or_else(|| Ok(Config::default()), Config::read)?;
        let config = Config {
            model: self.model.unwrap_or(base.model),
            lr: self.lr.unwrap_or(base.lr),
            batch_size: self.batch_size.unwrap_or(base.batch_size),
            epochs: self.epochs.unwrap_or(base.epochs),
            seed: self.seed.unwrap_or(base.seed),
            device: self.device.clone().unwrap_or(base.device),
            threads: self.threads.or(base.threads),
            data_dir: self.data_dir.clone().or(base.data_dir),
        };
        config.validate()?;
        Ok(config)
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let config = arguments.config().map_err(Invalid::from)?;
    let interrupt = Interrupt::watch()?;
    let device = session::prepare(&config)?;
    let (train, test) = (session::train_loader(&config, device)?, session::test_loader(&config, device)?);
    let model = config.model.build();
    model.to(device);
    let mut optimizer = Optimizer::new(model.named_parameters(), Adam { lr: config.lr, ..Adam::default() })?;
    let run = Run::create(arguments.out.as_deref(), &config)?;
    println!("{}", describe(&*model, &config, &train, device));

    let mut log =
        Log { run: &run, model: &*model, test: &test, epochs: config.epochs, rows: Vec::new(), last: None };
    let mut bar = ProgressBar::hidden();
    let mut observer = |event: &Event<'_>| -> Result<ControlFlow<()>> {
        match *event {
            Event::EpochBegan { epoch, images } => bar = progress::epoch_bar(epoch, config.epochs, images),
            Event::Stepped { images, .. } => bar.inc(images as u64),
            Event::EpochEnded { epoch, train_loss, elapsed } => {
                bar.finish_and_clear();
                log.epoch_ended(epoch, train_loss, elapsed.as_secs_f64())?;
            }
            _ => {}
        }
        Ok(if interrupt.pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    let ended = fit(&*model, &NllLoss::default(), &mut optimizer, &train, 0..config.epochs, &mut observer)?;
    bar.finish_and_clear();
    log.paint()?;
    match ended {
        Ended::Stopped { epoch } if log.rows.len() < config.epochs => {
            eprintln!("interrupted in epoch {}; {}", epoch + 1, log.kept());
            Ok(ExitCode::from(EXIT_STATUS))
        }
        _ => {
            println!("{}", log.kept());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn describe(model: &dyn Forward, config: &Config, train: &Loader, device: tch::Device) -> String {
    format!(
        "{:?}: {} parameters, {} images, batches of {}, learning rate {}, {} threads, {device:?}",
        config.model,
        model.parameter_count(),
        train.image_count(),
        config.batch_size,
        config.lr,
        tch::get_num_threads(),
    )
}

/// Writes down and prints what an epoch gave.
struct Log<'a> {
    run: &'a Run,
    model: &'a dyn Forward,
    test: &'a Loader,
    epochs: usize,
    rows: Vec<EpochRow>,
    last: Option<Evaluation>,
}

impl Log<'_> {
    fn epoch_ended(&mut self, epoch: usize, train_loss: f64, seconds: f64) -> Result<()> {
        let test = evaluate(self.model, &NllLoss::default(), self.test, session::CLASSES)?;
        let row = EpochRow {
            epoch: epoch + 1,
            train_loss,
            test_loss: test.loss,
            test_accuracy: test.accuracy,
            seconds,
        };
        // The model first: a row in the log says that its model is there.
        self.run.save(self.model)?;
        self.run.append(&row)?;
        let accuracy = 100.0 * row.test_accuracy;
        println!(
            "Training loss: {train_loss:.4}   test accuracy: {accuracy:.2} %   (epoch {}/{}, {seconds:.1} s)",
            row.epoch, self.epochs
        );
        self.rows.push(row);
        self.last = Some(test);
        Ok(())
    }

    fn paint(&self) -> Result<()> {
        if let Some(test) = &self.last {
            let directory = self.run.directory();
            picture::curves(&directory.join("curves.png"), &self.rows)?;
            picture::confusion_matrix(
                &directory.join("confusion.png"),
                &test.confusion,
                &selvedge_data::FashionMnist::CLASS_NAMES,
            )?;
        }
        Ok(())
    }

    fn kept(&self) -> String {
        let directory = self.run.directory().display();
        match self.rows.last() {
            Some(row) => format!("the model of epoch {} is in {directory}", row.epoch),
            None => format!("no epoch was finished; {directory} holds the configuration only"),
        }
    }
}
