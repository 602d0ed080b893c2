use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use selvedge_console::report_line;
use selvedge_nn::ModuleExt;
use selvedge_train::trainer::{Evaluation, evaluate};
use serde_json::json;

use crate::output::Output;
use crate::run::{Run, Weights};
use crate::session;

/// Measure the model of a run on the test set.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask evaluate runs/mlp-1")]
pub(crate) struct Arguments {
    /// The folder that `train` made
    run: PathBuf,
    /// Which of the run's models
    #[arg(long, value_enum, default_value = "last")]
    weights: Weights,
    /// auto, cpu, cuda, cuda:N or mps [default: as in training]
    #[arg(long)]
    device: Option<String>,
    /// The folder of the images' files [default: as in training]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (run, mut config) = Run::open(&arguments.run)?;
    if let Some(device) = &arguments.device {
        config.device.clone_from(device);
    }
    if let Some(directory) = &arguments.data_dir {
        config.data.folder = Some(directory.clone());
    }
    let device = session::prepare(&config)?;
    let model = config.model.build();
    run.load(&*model, arguments.weights, &mut report_line)?;
    model.to(device);
    let test = session::test_loader(&config, device)?;
    let found = evaluate(&*model, &*config.loss.build(), &test, config.fit.measures.clone())?;

    arguments.output.say(table(&found, config.data.source.class_names()), || json!(found));
    Ok(ExitCode::SUCCESS)
}

/// How well each class was recognised, and all of them.
fn table(found: &Evaluation, names: &[&str]) -> String {
    let mut text = format!("{:<13} {:>6}  most often taken for\n", "class", "found");
    for (class, (name, row)) in names.iter().zip(&found.confusion).enumerate() {
        let images: i64 = row.iter().sum();
        let share = 100.0 * row[class] as f64 / images.max(1) as f64;
        let wrong =
            row.iter().enumerate().filter(|(other, _)| *other != class).max_by_key(|(_, count)| **count);
        let taken = wrong.filter(|(_, count)| **count > 0).map_or_else(String::new, |(other, count)| {
            format!("{} ({:.1} %)", names[other], 100.0 * *count as f64 / images as f64)
        });
        text += format!("{name:<13} {share:>4.1} %  {taken}").trim_end();
        text += "\n";
    }
    text + &format!("Test loss: {:.4}   test accuracy: {:.2} %", found.loss, 100.0 * found.accuracy)
}
