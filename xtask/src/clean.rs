//! `cargo xtask clean`.

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use indicatif::HumanBytes;
use selvedge_console::{print, print_line};
use selvedge_fetch::{cache_directory, locked};

use crate::libtorch::Record;
use crate::terminal::Bar;

/// Remove what was downloaded; what you trained stays.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask clean\n  cargo xtask clean --libtorch --yes")]
pub(crate) struct Clean {
    /// Only libtorch.
    #[arg(long)]
    libtorch: bool,
    /// Only the data.
    #[arg(long)]
    data: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Clean {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let cache = cache_directory()?;
        let all = self.libtorch == self.data;
        let mut parts = Vec::new();
        for path in entries(&cache)? {
            let is_libtorch = path.ends_with("libtorch");
            if all || is_libtorch == self.libtorch {
                parts.push((size(&path), path));
            }
        }
        if parts.is_empty() {
            print_line(format_args!("There is nothing to remove in {}.", cache.display()));
            return Ok(ExitCode::SUCCESS);
        }
        for (size, path) in &parts {
            print_line(format_args!("{:>12}  {}", HumanBytes(*size).to_string(), path.display()));
        }
        let total = HumanBytes(parts.iter().map(|(size, _)| size).sum());
        if !self.yes && !confirmed(&format!("Remove {total}?"))? {
            print_line("Nothing is removed.");
            return Ok(ExitCode::SUCCESS);
        }
        for (_, path) in &parts {
            remove(path)?;
        }
        print_line(format_args!("{total} are free again."));
        Ok(ExitCode::SUCCESS)
    }
}

fn remove(path: &Path) -> Result<()> {
    let lock = path.join(".lock");
    let _lock = lock.is_file().then(|| locked(&lock, "removing it", &Bar::new())).transpose()?;
    Record::forget(path)?;
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}

fn confirmed(question: &str) -> Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("{question} There is nobody to answer; use --yes");
    }
    print(format_args!("{question} [y/N] "));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// What is in a directory; nothing where it is not there.
pub(crate) fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("cannot read {}", directory.display()))?,
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// The bytes in a file or under a directory; what cannot be read counts nothing.
pub(crate) fn size(path: &Path) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            entries(path).unwrap_or_default().iter().map(|path| size(path)).sum()
        }
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    }
}
