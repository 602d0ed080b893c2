//! `cargo xtask pictures`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::{cargo, libtorch, setup, workspace};

/// Draw the pictures of docs/augmentation.md again, from the real images.
#[derive(Debug, Args)]
pub(crate) struct Pictures {}

impl Pictures {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let libtorch = libtorch::ensure()?;
        setup::fetch_data(&libtorch)?;
        let mut command = cargo::cargo(Some(&libtorch));
        command.arg("run");
        cargo::in_workspace(&mut command).args([
            "--release",
            "--package",
            "selvedge-data",
            "--example",
            "augmentation_grid",
            "--",
        ]);
        command.arg(workspace::root().join("docs"));
        cargo::become_it(command)
    }
}
