//! Running cargo.

use std::env;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::libtorch::Libtorch;
use crate::workspace;

/// The cargo that runs us, for the workspace, as if a shell had called it.
pub(crate) fn cargo(libtorch: Option<&Libtorch>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Arguments are paths seen from where the user is, so the directory stays.
    for name in env::vars_os().map(|(name, _)| name).filter(is_of_the_outer_cargo) {
        command.env_remove(name);
    }
    for variable in libtorch.iter().flat_map(|libtorch| libtorch.recorded_variables()) {
        // Cargo reads it from the file that was just written, so that builds by hand and through us are the
        // same to it, and nothing is built twice.
        command.env_remove(variable);
    }
    command
}

/// What cargo sets for the programs it runs would make build scripts of others run again.
fn is_of_the_outer_cargo(name: &OsString) -> bool {
    let Some(name) = name.to_str() else { return false };
    name.starts_with("CARGO_PKG_")
        || matches!(name, "CARGO" | "CARGO_MANIFEST_DIR" | "CARGO_MANIFEST_PATH" | "CARGO_PRIMARY_PACKAGE")
}

/// Adds the manifest of the workspace, after the subcommand.
pub(crate) fn in_workspace(command: &mut Command) -> &mut Command {
    command.arg("--manifest-path").arg(workspace::root().join("Cargo.toml"))
}

/// Becomes `command`: its exit status is ours, and so is every signal.
pub(crate) fn become_it(mut command: Command) -> Result<ExitCode> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        Err(command.exec()).with_context(|| cannot_run(&command))
    }
    #[cfg(not(unix))]
    {
        let status = command.status().with_context(|| cannot_run(&command))?;
        Ok(status.code().map_or(ExitCode::FAILURE, |code| ExitCode::from(code as u8)))
    }
}

/// Runs `command` to its end, which must be good.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_run(command))?;
    anyhow::ensure!(status.success(), "`{}` failed, {status}", line(command));
    Ok(())
}

fn cannot_run(command: &Command) -> String {
    format!("cannot run `{}`", line(command))
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
