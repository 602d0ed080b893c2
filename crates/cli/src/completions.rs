use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use selvedge_console::print_bytes;

use crate::Command;

/// Print what makes a shell complete the options of this program.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: selvedge completions bash > ~/.local/share/bash-completion/completions/selvedge"
)]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    // It panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Command::command(), "selvedge", &mut script);
    print_bytes(&script);
    Ok(ExitCode::SUCCESS)
}
