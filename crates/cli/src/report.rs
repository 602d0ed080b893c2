use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use selvedge_data::Loader;
use selvedge_nn::ModuleExt;
use selvedge_report::{Findings, HeldOut, Journal};
use selvedge_train::trainer::{Evaluation, evaluate};
use serde_json::json;

use crate::config::Config;
use crate::output::Output;
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
    arguments.output.say(format!("the report is {}", page.display()), || json!({ "report": page }));
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
    run.load(&*model, Weights::Last)?;
    let last = match last.filter(|_| measured == HeldOut::Test) {
        Some(last) => last,
        None => evaluate(&*model, &*config.loss.build(), test, config.fit.measures.clone())?,
    };
    let findings = Findings::of(&last, config.data.source.class_names(), test.dataset())?;
    journal.keep(&findings, &*model)?;
    selvedge_report::write(run.directory())?;
    Ok(last)
}
