//! `cargo xtask doctor`.

mod finding;
mod product;
mod tools;

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use indicatif::HumanBytes;
use selvedge_console::print_coloured_line;
use selvedge_fetch::cache_directory;

use crate::clean::{entries, size};
use crate::libtorch::{self, Record, Wanted};
use finding::Finding;

/// Check everything that must hold, and tell how to mend what does not.
///
/// Nothing is fetched or built. The exit status is 1 when something does not hold.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cargo xtask doctor")]
pub(crate) struct Doctor {}

impl Doctor {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let mut findings = vec![tools::rust(), tools::compiler()];
        let record = Record::read();
        let located = libtorch::locate(&record, Wanted::default());
        let has_libtorch = matches!(located, Ok(Some(_)));
        findings.push(tools::python(has_libtorch));
        findings.push(match &located {
            Ok(Some(libtorch)) => Finding::good("libtorch", libtorch.to_string()),
            Ok(None) => Finding::bad("libtorch", "not there yet", "cargo xtask setup"),
            Err(error) => Finding::bad("libtorch", format!("{error:#}"), "cargo xtask setup tells more"),
        });
        if let Ok(Some(libtorch)) = &located {
            findings.push(if Record::of(libtorch)? == record {
                Finding::good("plain cargo", "finds it by .cargo/libtorch.toml")
            } else {
                Finding::bad(
                    "plain cargo",
                    "does not find it: .cargo/libtorch.toml is old",
                    "cargo xtask setup",
                )
            });
        }
        findings.extend(product::ask(located.as_ref().ok().and_then(Option::as_ref)));
        findings.push(cache());
        for finding in &findings {
            print_coloured_line(finding);
        }
        let bad = findings.iter().filter(|finding| finding.is_bad()).count();
        Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn cache() -> Finding {
    match cache_directory() {
        Ok(cache) => {
            let parts = entries(&cache).unwrap_or_default();
            let sizes: Vec<_> = parts
                .iter()
                .map(|part| {
                    format!("{} {}", part.file_name().unwrap_or_default().display(), HumanBytes(size(part)))
                })
                .collect();
            let sizes = if sizes.is_empty() { "empty".to_owned() } else { sizes.join(", ") };
            Finding::good("cache", format!("{}: {sizes}", cache.display()))
        }
        Err(error) => Finding::bad("cache", error.to_string(), "export SELVEDGE_CACHE_DIR=DIRECTORY"),
    }
}
