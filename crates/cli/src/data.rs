use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use selvedge_data::{Dataset, FashionMnist, Split};

use crate::progress::Downloads;

/// Fetch and verify the images.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make sure that Fashion-MNIST is on this machine, and verify it
    #[command(after_help = "Example: selvedge data fetch")]
    Fetch {
        /// The folder of the four files [default: the system's, or the cache]
        #[arg(long, value_name = "DIR")]
        data_dir: Option<PathBuf>,
    },
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    let Command::Fetch { data_dir } = command;
    let folder =
        FashionMnist { folder: data_dir.clone(), ..FashionMnist::default() }.fetch(&Downloads::new())?;
    for split in [Split::Train, Split::Test] {
        let images = FashionMnist { split, folder: Some(folder.clone()) }.load()?;
        println!("{} {split} images, verified, in {}", images.len(), folder.display());
    }
    Ok(ExitCode::SUCCESS)
}
