//! `cargo xtask bench`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::libtorch::Libtorch;
use crate::{cargo, libtorch, setup, workspace};

/// Run the benches, beside PyTorch if a Python with it is given.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cargo xtask bench\n  cargo xtask bench --bench epoch\n  cargo xtask bench --python .venv/bin/python --rounds 7"
)]
pub(crate) struct Bench {
    /// A Python with torch and torchvision: run the chapter's code with it too and print the ratio.
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
    /// What `cargo bench` gets.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Bench {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let libtorch = libtorch::ensure()?;
        setup::fetch_data(&libtorch)?;
        if let Some(python) = &self.python {
            return compare(&libtorch, python, &self.arguments);
        }
        let mut command = cargo::cargo(Some(&libtorch));
        command.arg("bench");
        cargo::in_workspace(&mut command).args(["--package", "selvedge-benches"]).args(self.arguments);
        cargo::become_it(command)
    }
}

/// Runs the comparison with PyTorch, which lives with the peers' code.
fn compare(libtorch: &Libtorch, python: &Path, arguments: &[OsString]) -> Result<ExitCode> {
    let mut build = cargo::cargo(Some(libtorch));
    build.arg("build");
    cargo::in_workspace(&mut build).args(["--release", "--package", "selvedge-benches", "--bins"]);
    ensure!(build.status().context("cannot run cargo")?.success(), "the benches do not build");
    let mut command = Command::new(python);
    command.arg(workspace::root().join("tools/peers"));
    command.arg("--ours").arg(workspace::built()).args(arguments);
    cargo::become_it(command)
}
