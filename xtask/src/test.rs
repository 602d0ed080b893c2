//! `cargo xtask test`.

mod instructions;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::libtorch::Release;
use crate::{browser, cargo, libtorch, other_libtorch, setup};

/// Run all tests: of every crate, the documentation and the examples.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cargo xtask test\n  cargo xtask test --package selvedge-nn linear\n  cargo xtask test -- --nocapture\n  cargo xtask test --libtorch 2.11\n  cargo xtask test --instructions"
)]
pub(crate) struct Test {
    /// With another libtorch and the bindings for it, in a build of its own; before what `cargo test` gets.
    #[arg(long, value_name = "VERSION")]
    libtorch: Option<Release>,
    /// Run the numeric tests once for each set of instructions that the processor has: AVX-512, AVX2, none.
    #[arg(long, conflicts_with_all = ["libtorch", "arguments"])]
    instructions: bool,
    /// What `cargo test` gets.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Test {
    pub(crate) fn run(self) -> Result<ExitCode> {
        if let Some(release) =
            self.libtorch.filter(|release| Release::locked().is_ok_and(|locked| locked != *release))
        {
            return other_libtorch::test(release, &self.arguments);
        }
        let libtorch = libtorch::ensure()?;
        setup::fetch_data(&libtorch)?;
        if self.instructions {
            return instructions::run(&libtorch);
        }
        let mut command = cargo::cargo(Some(&libtorch));
        if let Some(browser) = browser::ensure() {
            command.env(browser::VARIABLE, browser);
        }
        // In release, as everything else, so that libtorch's bindings are built once for all.
        command.arg("test");
        cargo::in_workspace(&mut command).arg("--release");
        if !names_packages(&self.arguments) {
            command.arg("--workspace");
        }
        command.args(self.arguments);
        cargo::become_it(command)
    }
}

fn names_packages(arguments: &[OsString]) -> bool {
    arguments.iter().map(|argument| argument.to_string_lossy()).take_while(|argument| argument != "--").any(
        |argument| {
            argument == "--workspace" || argument.starts_with("-p") || argument.starts_with("--package")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tested_unless_packages_are_named() {
        let named = |line: &str| names_packages(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert!(named("-p selvedge-nn") && named("--package=selvedge-nn x") && named("-pselvedge-nn"));
        assert!(!named("linear") && !named("linear -- -p"));
    }
}
