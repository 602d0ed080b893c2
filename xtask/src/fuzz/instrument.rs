//! Compiling some crates with the counters that guide a fuzzer, and all others as ever.
//!
//! Cargo's stable settings have no compiler flags for one crate. So it is told to call us in place of the compiler, and we
//! add them. And since it does not know of them, each of these crates has a setting of its profile changed that it does
//! know: from then on it keeps the instrumented ones beside the ordinary ones, and what they depend on, libtorch's
//! bindings among it, is compiled once for both.

use std::env;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::cargo;

/// The readers and decoders. A package that a build script uses can not be among them: it would miss the fuzzer.
const PACKAGES: [&str; 7] =
    ["fdeflate", "image", "image-webp", "png", "selvedge-data", "zune-core", "zune-jpeg"];

/// What `cargo fuzz` passes, without a sanitizer: those need a nightly compiler. Our crates and most of the decoders
/// have no unsafe code for them to watch.
const FLAGS: [&str; 14] = [
    "-C",
    "passes=sancov-module",
    "-C",
    "llvm-args=-sanitizer-coverage-level=4",
    "-C",
    "llvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-C",
    "llvm-args=-sanitizer-coverage-pc-table",
    "-C",
    "llvm-args=-sanitizer-coverage-trace-compares",
    // Decoders pass over checksums then, which no fuzzer would guess.
    "--cfg",
    "fuzzing",
    "-C",
    "debug-assertions",
];

/// Is set where we are called in place of the compiler.
const VARIABLE: &str = "SELVEDGE_INSTRUMENT";

/// Has a command of cargo compile the packages with [`FLAGS`].
pub(super) fn instrument(command: &mut Command) -> Result<()> {
    for package in PACKAGES {
        // The counters want one unit of code, too.
        command.arg("--config").arg(format!("profile.release.package.{package}.codegen-units=1"));
    }
    command.env("RUSTC_WRAPPER", env::current_exe().context("cannot find ourselves")?).env(VARIABLE, "1");
    Ok(())
}

/// The compiler that cargo wants, where it has called us in its place: `None` where somebody else has.
pub(crate) fn compiler() -> Option<Result<ExitCode>> {
    env::var_os(VARIABLE)?;
    let mut arguments = env::args_os().skip(1);
    let mut command = Command::new(arguments.next()?);
    let arguments: Vec<OsString> = arguments.collect();
    command.args(&arguments);
    if is_instrumented(&arguments) {
        command.args(FLAGS);
    }
    Some(cargo::become_it(command))
}

/// A build script has another name than its package.
fn is_instrumented(arguments: &[OsString]) -> bool {
    let name = arguments.iter().skip_while(|argument| *argument != "--crate-name").nth(1);
    name.is_some_and(|name| PACKAGES.iter().any(|package| package.replace('-', "_").as_str() == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_get_counters_and_build_scripts_do_not() {
        let instrumented =
            |line: &str| is_instrumented(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert!(instrumented("--crate-name selvedge_data --edition=2024 crates/data/src/lib.rs"));
        assert!(!instrumented("--crate-name build_script_build crates/data/build.rs --cfg selvedge_data"));
        assert!(!instrumented("--crate-name tch src/lib.rs") && !instrumented("-vV"));
    }
}
