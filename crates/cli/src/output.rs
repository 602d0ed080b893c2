use std::fmt::Display;
use std::io::{Write, stdout};

use clap::Args;
use serde_json::Value;

/// How a command speaks on standard output.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Output {
    /// Print nothing but errors
    #[arg(long, short, conflicts_with = "json")]
    pub(crate) quiet: bool,
    /// Print a JSON object a line in place of text
    #[arg(long)]
    pub(crate) json: bool,
}

impl Output {
    /// Prints the one or the other, or nothing. That nobody reads on, as behind `| head`, stops no training.
    pub(crate) fn say(self, text: impl Display, json: impl FnOnce() -> Value) {
        match self {
            Self { quiet: true, .. } => {}
            Self { json: true, .. } => drop(writeln!(stdout(), "{}", json())),
            _ => drop(writeln!(stdout(), "{text}")),
        }
    }
}
