//! The commands of the product itself.

use std::env;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::Args;

use crate::cargo;
use crate::libtorch::{self, Libtorch};

/// Arguments that the product reads, `--help` among them.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct PassedOn {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    _arguments: Vec<OsString>,
}

impl PassedOn {
    /// Runs the product's command of that name with all that came after it here, to the letter.
    pub(crate) fn run(self, name: &str) -> Result<ExitCode> {
        let libtorch = libtorch::ensure()?;
        let mut command = selvedge(&libtorch);
        command.arg(name).args(env::args_os().skip(2));
        cargo::become_it(command)
    }
}

/// The product, built where it is out of date.
pub(crate) fn selvedge(libtorch: &Libtorch) -> Command {
    let mut command = cargo::cargo(Some(libtorch));
    command.arg("run");
    cargo::in_workspace(&mut command).args(["--release", "--package", "selvedge"]);
    command.arg("--");
    command
}
