use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use selvedge_console::print_line;

use crate::carry_out::{Start, carry_out};
use crate::config::{self, Invalid};
use crate::ending::Ending;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::resume;

/// Train one of the chapter's networks.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask train --model cnn --epochs 3 --out runs/first-try")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: config::Arguments,
    /// The run folder, which has to be new or empty [default: the next runs/MODEL-N]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on with a run that was interrupted or killed, as `resume` does
    #[arg(long, value_name = "RUN", exclusive = true)]
    resume: Option<PathBuf>,
    /// Print the whole configuration that the run would have, and stop
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    ending: Ending,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    if let Some(run) = &arguments.resume {
        return resume::go_on(run, None, arguments.ending, arguments.output);
    }
    let config = arguments.config.config().map_err(Invalid::from)?;
    if arguments.print_config {
        print_line(serde_json::to_string_pretty(&config)?);
        return Ok(ExitCode::SUCCESS);
    }
    let start = Start::New { out: arguments.out.as_deref() };
    carry_out(&config, start, &Interrupt::watch()?, arguments.ending, arguments.output)
}
