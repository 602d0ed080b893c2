//! `cargo xtask fuzz`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::{cargo, libtorch};

/// Give damaged files to all that reads files.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cargo xtask fuzz --seconds 600")]
pub(crate) struct Fuzz {
    /// How long each reader gets them.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// What the damage is drawn from; a failure tells the one that shows it.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

impl Fuzz {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let libtorch = libtorch::ensure()?;
        let mut command = cargo::cargo(Some(&libtorch));
        command.arg("test");
        cargo::in_workspace(&mut command).args(["--release", "--package", "selvedge-data", "--test", "fuzz"]);
        command.env("SELVEDGE_FUZZ_SECONDS", self.seconds.to_string());
        command.env("SELVEDGE_FUZZ_SEED", self.seed.to_string());
        cargo::become_it(command)
    }
}
