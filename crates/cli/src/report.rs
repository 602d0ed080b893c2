use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use selvedge_console::report_line;
use selvedge_data::Loader;
use selvedge_nn::ModuleExt;
use selvedge_report::{Findings, HeldOut, Journal};
use selvedge_train::trainer::{Evaluation, evaluate};
use serde_json::json;

use crate::config::Config;
use crate::digests;
use crate::output::Output;
use crate::path;
use crate::run::{Run, Weights};
use crate::session;

/// Make the page and the pictures of a run anew.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask report runs/mlp-1")]
pub(crate) struct Arguments {
    /// The folder that `train` made
    run: PathBuf,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let page = selvedge_report::write(&arguments.run)?;
    // The page and the pictures are others now.
    if !digests::recorded(&arguments.run)?.is_empty() {
        digests::record(&arguments.run)?;
    }
    arguments
        .output
        .say(format!("the report is {}", page.display()), || json!({ "report": path::to_json(&page) }));
    Ok(ExitCode::SUCCESS)
}

/// Looks at what the model of the run makes of the test set, and makes the page.
///
/// `last` is the evaluation of that model on the test set, where there was one. Else it takes the model from the folder:
/// after an interruption the one that was trained is ahead of its last row.
pub(crate) fn conclude(
    run: &Run,
    config: &Config,
    held_out: &Loader,
    measured: HeldOut,
    last: Option<Evaluation>,
    journal: &mut Journal,
) -> Result<Evaluation> {
    let test;
    let test = match measured {
        HeldOut::Test => held_out,
        HeldOut::Validation => {
            test = session::test_loader(config, held_out.device())?;
            &test
        }
    };
    let model = config.model.build();
    model.to(test.device());
    run.load(&*model, Weights::Last, &mut report_line)?;
    let last = match last.filter(|_| measured == HeldOut::Test) {
        Some(last) => last,
        None => evaluate(&*model, &*config.loss.build(), test, config.fit.measures.clone())?,
    };
    let findings = Findings::of(&last, config.data.source.class_names(), test.dataset())?;
    digests::forget(run.directory())?;
    journal.keep(&findings, &*model)?;
    selvedge_report::write(run.directory())?;
    digests::record(run.directory())?;
    Ok(last)
}

/// Measures the model of the run on the test set, and writes down what was found.
pub(crate) fn measure(run: &Run, config: &Config) -> Result<()> {
    let device = session::prepare(config)?;
    let model = config.model.build();
    run.load(&*model, Weights::Last, &mut report_line)?;
    model.to(device);
    let test = session::test_loader(config, device)?;
    let found = evaluate(&*model, &*config.loss.build(), &test, config.fit.measures.clone())?;
    let findings = Findings::of(&found, config.data.source.class_names(), test.dataset())?;
    Ok(findings.write(run.directory())?)
}
