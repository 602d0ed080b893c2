//! The program, run as somebody does in a folder.

use std::path::Path;
use std::process::{Command, Output};

/// The program with those arguments, in that folder and with one thread.
pub(crate) fn selvedge(folder: &Path, arguments: &[&str]) -> Command {
    // A test may run in the background of a script, where an interrupt is ignored.
    selvedge_console::restore_signals_for_children();
    let mut command = Command::new(env!("CARGO_BIN_EXE_selvedge"));
    command.current_dir(folder).env("OMP_NUM_THREADS", "1").args(arguments);
    command
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What it printed, which has to have succeeded.
#[track_caller]
pub(crate) fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// What it prints with those arguments, which has to succeed.
#[track_caller]
pub(crate) fn printed(folder: &Path, arguments: &[&str]) -> String {
    succeeded(&selvedge(folder, arguments).output().unwrap())
}
