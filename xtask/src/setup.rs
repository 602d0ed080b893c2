//! `cargo xtask setup`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use selvedge_console::{escaped, report_coloured_line, report_line};

use crate::libtorch::{self, Flavour, Libtorch, Wanted};
use crate::{cargo, product, terminal};

/// Fetch libtorch and the data, so that everything works, plain cargo and an IDE too.
///
/// libtorch is taken from LIBTORCH, from the Python that LIBTORCH_USE_PYTORCH stands for, from our cache, from
/// or from the pinned wheels that pip fetches, the first of them that has it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask setup\n  cargo xtask setup --cuda")]
pub(crate) struct Setup {
    /// libtorch without CUDA, even where there is a driver.
    #[arg(long, conflicts_with = "cuda")]
    cpu: bool,
    /// libtorch with CUDA, even where no driver is seen.
    #[arg(long)]
    cuda: bool,
    /// Fetch libtorch anew, even where it is in the cache.
    #[arg(long)]
    force: bool,
    /// Take the archive of PyTorch's download site where pip does not do. It is native code whose digest is not pinned here:
    /// only its length, its checksums and its version are verified.
    #[arg(long)]
    unpinned_archive: bool,
    /// Only libtorch; the data comes when it is needed.
    #[arg(long)]
    no_data: bool,
}

impl Setup {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let flavour = match (self.cpu, self.cuda) {
            (true, _) => Some(Flavour::Cpu),
            (_, true) => Some(Flavour::Cuda),
            _ => None,
        };
        let libtorch =
            libtorch::ensure_wanted(Wanted { flavour, force: self.force, unpinned: self.unpinned_archive })?;
        report_coloured_line(format_args!("{} {}", terminal::green("libtorch:"), escaped(&libtorch)));
        if !self.no_data {
            fetch_data(&libtorch)?;
        }
        report_line("Ready. Try `cargo xtask train`.");
        Ok(ExitCode::SUCCESS)
    }
}

/// Makes sure that the data is there: the product knows where it comes from.
pub(crate) fn fetch_data(libtorch: &Libtorch) -> Result<()> {
    cargo::run(product::selvedge(libtorch).args(["data", "fetch"])).context("the data is not there")
}
