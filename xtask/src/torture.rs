//! `cargo xtask torture`.

mod interruption;
mod mutation;
mod power_cut;
mod program;
mod random;
mod server;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use selvedge_console::{print_line, report_coloured_line};
use tempfile::TempDir;

use self::program::Program;
use self::random::Random;
use crate::{cargo, libtorch, setup, terminal, workspace};

/// Attack the product: kill trainings, damage files, cut the power, misbehave as a server.
///
/// Each kind of attack has its own share of the time. What fails is kept in target/torture, with what was said, and the exit
/// status is 1 then.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cargo xtask torture --minutes 10\n  cargo xtask torture --minutes 1 --seed 7 files"
)]
pub(crate) struct Torture {
    /// The kinds of attack: interruptions, files, power-cuts, servers. Default: all.
    #[arg(value_name = "KIND")]
    kinds: Vec<String>,
    /// How long, all kinds together.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// What all choices are drawn from; another number, other attacks.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// A kind of attack: tries something until the time is over, and tells the tally.
type Attack = fn(&mut Scene<'_>) -> Result<()>;

const ATTACKS: [(&str, Attack); 4] = [
    ("interruptions", interruption::attack),
    ("files", mutation::attack),
    ("power-cuts", power_cut::attack),
    ("servers", server::attack),
];

/// What an attack needs.
pub(crate) struct Scene<'a> {
    pub(crate) program: &'a Program,
    pub(crate) random: Random,
    /// An empty folder of its own.
    pub(crate) folder: PathBuf,
    until: Instant,
    tally: &'a mut Tally,
}

/// What was tried, and what failed.
#[derive(Default)]
struct Tally {
    tries: BTreeMap<String, u64>,
    failures: BTreeMap<String, u64>,
    /// What was left out, and why.
    skipped: Vec<String>,
}

impl Scene<'_> {
    /// Whether there is time for another try.
    pub(crate) fn goes_on(&self) -> bool {
        Instant::now() < self.until
    }

    /// When the first of so many equal parts of what is left of the time, counted from the part `number` on, is over.
    pub(crate) fn share_until(&self, number: usize, parts: usize) -> Instant {
        let left = self.until.saturating_duration_since(Instant::now());
        Instant::now() + left / u32::try_from(parts - number).unwrap_or(1)
    }

    /// Counts a try.
    pub(crate) fn tried(&mut self, kind: &str) {
        *self.tally.tries.entry(kind.to_owned()).or_default() += 1;
    }

    /// Says that something is left out.
    pub(crate) fn skip(&mut self, reason: String) {
        report_coloured_line(terminal::yellow(&format!("skipped: {reason}")));
        self.tally.skipped.push(reason);
    }

    /// Counts a failure, and keeps the file or folder that it happened with.
    pub(crate) fn failed(&mut self, kind: &str, what: &str, evidence: &Path) -> Result<()> {
        let count = self.tally.failures.entry(kind.to_owned()).or_default();
        *count += 1;
        let kept = kept().join(format!("{}-{count}", kind.replace(' ', "-")));
        let _ = fs::remove_dir_all(&kept);
        fs::create_dir_all(&kept).with_context(|| format!("cannot make {}", kept.display()))?;
        copy(evidence, &kept.join(evidence.file_name().unwrap_or_default()))?;
        fs::write(kept.join("what.txt"), format!("{what}\n"))?;
        let text = format!("{kind} failed: {what}\n  kept in {}", kept.display());
        report_coloured_line(terminal::red(&text));
        Ok(())
    }
}

impl Torture {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let names: Vec<&str> = ATTACKS.iter().map(|(name, _)| *name).collect();
        if let Some(strange) = self.kinds.iter().find(|kind| !names.contains(&kind.as_str())) {
            anyhow::bail!("expected one of {}, found {strange}", names.join(", "));
        }
        let seconds = self.minutes * 60.0;
        ensure!(
            seconds > 0.0 && seconds < 1e6,
            "--minutes is {}, expected a number from 0 to 10000",
            self.minutes
        );
        selvedge_console::restore_signals_for_children();
        let libtorch = libtorch::ensure()?;
        setup::fetch_data(&libtorch)?;
        let mut build = cargo::cargo(Some(&libtorch));
        build.arg("build");
        cargo::run(cargo::in_workspace(&mut build).args(["--release", "--package", "selvedge"]))?;
        let program = Program::new(workspace::built().join("selvedge"));
        // In memory if there is a place for that: what is tested is what is written, not the disk.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }?;

        let chosen = |name: &str| self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == name);
        let attacks: Vec<_> = ATTACKS.iter().filter(|(name, _)| chosen(name)).collect();
        let mut tally = Tally::default();
        for (number, (name, attack)) in attacks.iter().enumerate() {
            let share = Duration::from_secs_f64(seconds / attacks.len() as f64);
            print_line(format_args!("{name}: {} s", share.as_secs()));
            let folder = folder.path().join(name);
            fs::create_dir(&folder)?;
            let random = Random::new(self.seed.wrapping_add((number as u64) << 32));
            let until = Instant::now() + share;
            attack(&mut Scene { program: &program, random, folder, until, tally: &mut tally })?;
        }
        Ok(tally.told())
    }
}

impl Tally {
    fn told(&self) -> ExitCode {
        print_line(format_args!("{:<32} {:>8} {:>8}", "", "tries", "failures"));
        for (kind, tries) in &self.tries {
            print_line(format_args!(
                "{kind:<32} {tries:>8} {:>8}",
                self.failures.get(kind).copied().unwrap_or(0)
            ));
        }
        for reason in &self.skipped {
            print_line(format_args!("skipped: {reason}"));
        }
        if self.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Where failures are kept.
fn kept() -> PathBuf {
    workspace::built().with_file_name("torture")
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let within = || format!("cannot copy {} to {}", from.display(), to.display());
    if from.is_dir() {
        fs::create_dir_all(to).with_context(within)?;
        for entry in fs::read_dir(from).with_context(within)? {
            let entry = entry.with_context(within)?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else {
        fs::copy(from, to).with_context(within)?;
    }
    Ok(())
}
