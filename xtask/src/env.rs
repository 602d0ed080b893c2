//! `cargo xtask env`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use selvedge_console::print_line;

use crate::libtorch;

/// Print what a shell needs to find libtorch, for a project of your own that uses our crates.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  eval \"$(cargo xtask env)\"")]
pub(crate) struct Env {}

impl Env {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let libtorch = libtorch::ensure()?;
        for (name, value) in libtorch.variables() {
            print_line(format_args!("export {name}={}", quoted(value)));
        }
        let path = if cfg!(target_os = "macos") { "DYLD_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };
        let lib = libtorch.lib().to_string_lossy();
        print_line(format_args!("export {path}={}\"${{{path}:+:${path}}}\"", quoted(&lib)));
        Ok(ExitCode::SUCCESS)
    }
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_quote_in_a_path_stays_a_quote_in_a_shell() {
        assert_eq!(super::quoted("/it's"), r"'/it'\''s'");
    }
}
