use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use selvedge_console::{escaped_line, report_line};
use selvedge_train::checkpoint::{Found, State, latest_good};

use crate::carry_out::{Start, carry_out};
use crate::config::Invalid;
use crate::ending::Ending;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::run::Run;

/// Go on with a run that was interrupted or killed, as if it had not been.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask resume runs/mlp-1")]
pub(crate) struct Arguments {
    /// The folder that `train` made
    run: PathBuf,
    /// Train for so many epochs in all, in place of what the configuration says
    #[arg(long)]
    epochs: Option<u64>,
    #[command(flatten)]
    ending: Ending,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    go_on(&arguments.run, arguments.epochs, arguments.ending, arguments.output)
}

/// Goes on from the last checkpoint that is whole, or from the beginning where there is none.
pub(crate) fn go_on(
    directory: &Path,
    epochs: Option<u64>,
    ending: Ending,
    output: Output,
) -> Result<ExitCode> {
    let interrupt = Interrupt::watch()?;
    let (run, mut config) = Run::open_to_train(directory)?;
    if let Some(epochs) = epochs {
        if epochs == 0 {
            return Err(Invalid::from(anyhow!("--epochs has to be at least 1, found 0")).into());
        }
        config.fit.epochs = epochs;
    }
    let rewritten = epochs.map(|_| Box::new(config.clone()));
    let Found { good, damaged } = latest_good(&run.checkpoints())?;
    for damaged in &damaged {
        let aside = damaged.set_aside()?;
        report_line(format_args!(
            "{} can not be used: {} (it is now {})",
            damaged.path.display(),
            damaged.error,
            aside.display()
        ));
    }
    let snapshot = good.map(|(_, snapshot)| snapshot);
    if let Some(snapshot) = &snapshot {
        config.threads = Some(usize::try_from(snapshot.state.threads).context("the number of threads")?);
        warn(&snapshot.state)?;
    }
    let start = Start::Again { run, snapshot: snapshot.map(Box::new), rewritten };
    carry_out(&config, start, &interrupt, ending, output)
}

/// Says what may make the results differ from those of a run that was not interrupted.
fn warn(state: &State) -> Result<()> {
    let libtorch = selvedge_torch::libtorch::version()?;
    if state.libtorch != libtorch {
        report_line(format_args!(
            "the checkpoint is of libtorch {}, this is {libtorch}: the results can differ in the last digits",
            escaped_line(&state.libtorch)
        ));
    }
    Ok(())
}
