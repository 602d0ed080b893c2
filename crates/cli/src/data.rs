mod grid;
mod list;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use selvedge_console::print_line;
use selvedge_data::{Dataset, Split};

use crate::config::Source;
use crate::output::Output;
use crate::progress::Downloads;

/// List, fetch, verify and show the images.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the datasets, and say which are on this machine
    #[command(after_help = "Example: cargo xtask data list")]
    List(Output),
    /// Make sure that a dataset is on this machine, and verify it
    #[command(after_help = "Example: cargo xtask data fetch FashionMNIST")]
    Fetch(Place),
    /// Read a dataset whole, without touching the network, and compare it with the published one
    #[command(after_help = "Example: cargo xtask data verify FashionMNIST --data-dir ~/images")]
    Verify(Place),
    /// Draw images of a dataset, augmented or as they are
    #[command(
        after_help = "Example: cargo xtask data grid --augment '[{\"type\": \"RandomErasing\"}]' --out grid.png"
    )]
    Grid(grid::Arguments),
}

/// Which dataset, and where.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The dataset
    #[arg(value_enum, default_value = "FashionMNIST")]
    source: Source,
    /// The folder of its files [default: the system's, or the cache]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::List(output) => list::run(*output)?,
        Command::Fetch(place) => {
            let folder = place.source.fetch(place.data_dir.as_deref(), &Downloads::new())?;
            verify(place.source, Some(&folder))?;
        }
        Command::Verify(place) => verify(place.source, place.data_dir.as_deref())?,
        Command::Grid(arguments) => grid::run(arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(source: Source, folder: Option<&Path>) -> Result<()> {
    for split in [Split::Train, Split::Test] {
        let images = source.load(split, folder)?;
        let place = folder.map_or_else(String::new, |folder| format!(", in {}", folder.display()));
        print_line(format_args!("{source}: {} {split} images, verified{place}", images.len()));
    }
    Ok(())
}
