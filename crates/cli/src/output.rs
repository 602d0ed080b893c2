use std::fmt::Display;

use clap::Args;
use selvedge_console::{escaped_json, print_line};
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
    /// Prints the one or the other, or nothing.
    pub(crate) fn say(self, text: impl Display, json: impl FnOnce() -> Value) {
        match self {
            Self { quiet: true, .. } => {}
            Self { json: true, .. } => print_line(escaped_json(&json())),
            _ => print_line(text),
        }
    }
}
