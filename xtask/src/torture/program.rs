//! The product as a process that is watched.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// The most address space of a process, in KiB: libtorch takes about 2 GiB of it, and a file of a few kilobytes must not take
/// more than the rest.
const ADDRESS_SPACE: u64 = 6 << 20;

/// A process that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// The built binary.
pub(crate) struct Program {
    binary: PathBuf,
}

/// How a process ended.
pub(crate) struct Ended {
    /// None where it took too long.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) said: String,
    pub(crate) seconds: f64,
}

impl Ended {
    pub(crate) fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// What no input may bring about: a crash, a panic, an endless loop, a text that a terminal obeys.
    pub(crate) fn fault(&self) -> Option<String> {
        let obeyed = |character: char| character.is_control() && !['\n', '\t'].contains(&character);
        match self.status {
            None => Some(format!("no end within {PATIENCE:?}")),
            Some(status) if self.said.contains("panicked at") => Some(format!("a panic, {status}")),
            Some(status) if !matches!(status.code(), Some(0..=2)) => Some(status.to_string()),
            Some(_) if self.said.contains(obeyed) => Some("a control character in what it said".to_owned()),
            Some(_) => None,
        }
    }

    /// How it ended and what it said, for a person.
    pub(crate) fn told(&self) -> String {
        let status = self.status.map_or_else(|| "no end".to_owned(), |status| status.to_string());
        let said: String = self.said.chars().take(4000).collect();
        format!("{status}\n{said}")
    }
}

impl Program {
    pub(crate) fn new(binary: PathBuf) -> Self {
        Self { binary }
    }

    pub(crate) fn binary(&self) -> &Path {
        &self.binary
    }

    /// The program in a folder, with one thread, so that sums are rounded in one order. What it says goes to `said.txt`.
    pub(crate) fn start(&self, folder: &Path, arguments: &[impl AsRef<str>]) -> Result<Child> {
        // The shell's limit is inherited by what takes its place.
        let script = format!("ulimit -v {ADDRESS_SPACE}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).arg(&self.binary);
        self.prepare(&mut command, folder, arguments)?;
        command.spawn().context("cannot start sh")
    }

    /// Adds what each process of it is started with.
    pub(crate) fn prepare(
        &self,
        command: &mut Command,
        folder: &Path,
        arguments: &[impl AsRef<str>],
    ) -> Result<()> {
        let said = File::create(folder.join("said.txt"))?;
        command
            .args(arguments.iter().map(AsRef::as_ref))
            .current_dir(folder)
            .env("OMP_NUM_THREADS", "1")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stderr(said.try_clone()?)
            .stdout(said);
        Ok(())
    }

    /// Waits for the end, for as long as there is patience.
    pub(crate) fn end(&self, child: &mut Child, folder: &Path) -> Result<Ended> {
        let begun = Instant::now();
        let status = loop {
            match child.try_wait()? {
                Some(status) => break Some(status),
                None if begun.elapsed() > PATIENCE => {
                    child.kill()?;
                    child.wait()?;
                    break None;
                }
                None => sleep(Duration::from_millis(2)),
            }
        };
        let said = String::from_utf8_lossy(&fs::read(folder.join("said.txt"))?).into_owned();
        Ok(Ended { status, said, seconds: begun.elapsed().as_secs_f64() })
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, folder: &Path, arguments: &[impl AsRef<str>]) -> Result<Ended> {
        self.end(&mut self.start(folder, arguments)?, folder)
    }
}

/// The signal that ended a process.
pub(crate) fn signal_of(status: ExitStatus) -> Option<i32> {
    status.signal()
}
