//! `cargo xtask fuzz`.

mod instrument;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;
use selvedge_console::{print_line, report_line};
use tempfile::TempDir;

pub(crate) use self::instrument::compiler;
use crate::libtorch::Libtorch;
use crate::{cargo, libtorch, workspace};

/// Give damaged files to the readers.
///
/// libFuzzer draws them from those in fuzz/seeds, guided by which code they reach, and keeps what reaches more in target/fuzz
/// for the next time. What a reader fails on is written there as well, and told.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cargo xtask fuzz --seconds 600\n  cargo xtask fuzz --seconds 60 image_folder\n  cargo xtask fuzz image_folder --file target/fuzz/found/image_folder/crash-9f2c"
)]
pub(crate) struct Fuzz {
    /// The readers, by the names of the files in fuzz/targets. Default: all.
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// How long each reader gets them.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// What the damage is drawn from; 0 draws that, too.
    #[arg(long, default_value_t = 0)]
    seed: u32,
    /// Give this file alone to the reader, such as one that it failed on.
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
}

impl Fuzz {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let known = targets()?;
        if let Some(strange) = self.targets.iter().find(|target| !known.contains(target)) {
            anyhow::bail!("expected one of {}, found {strange}", known.join(", "));
        }
        anyhow::ensure!(self.file.is_none() || self.targets.len() == 1, "a file goes to one TARGET");
        let libtorch = libtorch::ensure()?;
        build(&libtorch)?;
        for target in if self.targets.is_empty() { &known } else { &self.targets } {
            self.give(target)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Runs a target to the end of its time, or to the first fault.
    fn give(&self, target: &str) -> Result<()> {
        let files = files()?;
        let mut command = Command::new(workspace::built().join(format!("fuzz-{target}")));
        // In seconds, of one file, and in MiB, of which libtorch takes 130.
        command.args(["-timeout=10", "-rss_limit_mb=640"]).env("TMPDIR", files.path());
        if let Some(file) = &self.file {
            return cargo::run(command.arg(file));
        }
        let [kept, found] = ["kept", "found"].map(|what| folder(what, target));
        for folder in [&kept, &found] {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        print_line(format_args!("{target}: {} s", self.seconds));
        command
            .arg(format!("-max_total_time={}", self.seconds))
            .arg(format!("-seed={}", self.seed))
            // A comparison that is more nearly met counts as well: it leads to magic numbers.
            .args(["-use_value_profile=1", "-print_final_stats=1"])
            .arg(format!("-artifact_prefix={}/", found.display()))
            // What it learns goes into the first.
            .args([kept, seeds(target)]);
        let output = command.output().with_context(|| format!("cannot run fuzz-{target}"))?;
        let told = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            report_line(&told);
            anyhow::bail!("{target} failed on a file that is now in {}", found.display());
        }
        for line in told.lines().filter_map(|line| line.strip_prefix("stat::")) {
            print_line(format_args!("  {line}"));
        }
        Ok(())
    }
}

/// Where the readers get their files: in memory, if there is a place for that, since a disk is twenty times slower.
fn files() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    folder.context("cannot make a folder for the files")
}

/// Compiles the targets.
fn build(libtorch: &Libtorch) -> Result<()> {
    let mut command = cargo::cargo(Some(libtorch));
    command.arg("build");
    cargo::in_workspace(&mut command).args(["--release", "--package", "selvedge-fuzz", "--bins"]);
    instrument::instrument(&mut command)?;
    cargo::run(&mut command)
}

fn source() -> PathBuf {
    workspace::root().join("fuzz")
}

fn seeds(target: &str) -> PathBuf {
    source().join("seeds").join(target)
}

/// The names of the targets.
fn targets() -> Result<Vec<String>> {
    let folder = source().join("targets");
    let stem = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = entries.map(|entry| Ok(stem(&entry?.path()))).collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// Where the targets keep what they find.
fn folder(what: &str, target: &str) -> PathBuf {
    workspace::built().with_file_name("fuzz").join(what).join(target)
}
