//! `cargo xtask bench`.

mod published;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::libtorch::Libtorch;
use crate::{cargo, libtorch, setup, workspace};

/// Run the benches, or compare with others: PyTorch, JAX, tch, burn and candle.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cargo xtask bench\n  cargo xtask bench --bench epoch\n  cargo xtask bench --python .venv/bin/python --rounds 7\n  cargo xtask bench --python .venv/bin/python costs\n  cargo xtask bench --peers --python .venv/bin/python --rounds 7"
)]
pub(crate) struct Bench {
    /// A Python to compare with; the first that is given has torch and torchvision. With --peers it may be given more
    /// than once, and each peer takes the first that has its modules.
    #[arg(long, value_name = "PATH")]
    python: Vec<PathBuf>,
    /// Compare with all that trains the chapter's network on a CPU, and write the table into docs/performance.md; what
    /// can not run is left out, with the reason.
    #[arg(long)]
    peers: bool,
    /// What `cargo bench` gets, or the comparison.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Bench {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let libtorch = libtorch::ensure()?;
        setup::fetch_data(&libtorch)?;
        if self.peers || !self.python.is_empty() {
            return self.compare(&libtorch);
        }
        let mut command = cargo::cargo(Some(&libtorch));
        command.arg("bench");
        cargo::in_workspace(&mut command).args(["--package", "selvedge-benches"]).args(self.arguments);
        cargo::become_it(command)
    }

    /// Runs the comparison, which lives with the peers' code.
    fn compare(self, libtorch: &Libtorch) -> Result<ExitCode> {
        let mut build = cargo::cargo(Some(libtorch));
        build.arg("build");
        cargo::in_workspace(&mut build).args(["--release", "--package", "selvedge-benches", "--bins"]);
        ensure!(build.status().context("cannot run cargo")?.success(), "the benches do not build");
        // The comparison itself needs no module.
        let mut command = Command::new(self.python.first().map_or(Path::new("python3"), PathBuf::as_path));
        command.arg(workspace::root().join("tools/peers")).arg("--ours").arg(workspace::built());
        for python in &self.python {
            command.arg("--python").arg(python);
        }
        if self.peers {
            command.args(published::build_all()?).arg("peers");
        }
        command.args(self.arguments);
        cargo::become_it(command)
    }
}
