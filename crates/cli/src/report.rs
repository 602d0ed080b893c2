use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use selvedge_data::Loader;
use selvedge_nn::ModuleExt;
use selvedge_report::{Journal, examine};
use serde_json::json;

use crate::config::Config;
use crate::output::Output;
use crate::run::Run;

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

/// Looks at what the model of the run makes of the images that were held out, and makes the page.
///
/// It takes the model from the folder: after an interruption the one that was trained is ahead of its last row.
pub(crate) fn conclude(run: &Run, config: &Config, held_out: &Loader, journal: &mut Journal) -> Result<()> {
    let model = config.model.build();
    model.to(held_out.device());
    run.load(&*model)?;
    let classes = config.data.source.class_names();
    let findings = examine(&*model, &*config.loss.build(), held_out, classes)?;
    journal.keep(&findings, &*model)?;
    selvedge_report::write(run.directory())?;
    Ok(())
}
