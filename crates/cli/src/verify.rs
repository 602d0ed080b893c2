use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use selvedge_atomic::Lock;
use selvedge_nn::StateDict;
use selvedge_report::tensorboard;
use selvedge_train::checkpoint::{self, Snapshot, latest_good};
use selvedge_train::trainer::{JsonLines, RestoredRows};
use serde_json::{Value, json};

use crate::config::Config;
use crate::digests::{EVENTS, PICTURES};
use crate::output::Output;
use crate::restore::{LOGS, MODELS};
use crate::run::{ABOUT, BEST, CHECKPOINTS, CONFIG, METRICS, REPORT, Run, SAMPLES, TEST, lock};
use crate::{digests, report};

/// Check every file of a run folder, and repair what can be derived.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 when each file is whole, or was repaired; 1 when one stays damaged.\nExample: cargo xtask verify runs/mlp-1"
)]
pub(crate) struct Arguments {
    /// The folder that `train` made
    run: PathBuf,
    #[command(flatten)]
    output: Output,
}

/// What became of a file.
enum State {
    Whole,
    /// There is nothing to compare it with, as while a run has not ended.
    Unrecorded,
    Repaired {
        reason: String,
        from: String,
    },
    Damaged {
        reason: String,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let directory = &arguments.run;
    if !directory.is_dir() {
        bail!("there is no run folder {}: `cargo xtask train` makes one", directory.display());
    }
    if !directory.join(CONFIG).exists() && !directory.join(CHECKPOINTS).exists() {
        bail!(
            "{} is not the folder of a run: it holds neither {CONFIG} nor {CHECKPOINTS}",
            directory.display()
        );
    }
    // A training writes while it goes on; what it is about to replace must not be repaired.
    let lock = lock(directory, "verifying the run")?;
    let verifier = Verifier {
        directory,
        snapshot: latest_good(&directory.join(CHECKPOINTS))?.good.map(|(_, snapshot)| snapshot),
        output: arguments.output,
        _lock: lock,
    };
    Ok(if verifier.verify()? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Verifier<'a> {
    directory: &'a Path,
    /// What files are repaired from.
    snapshot: Option<Snapshot>,
    output: Output,
    _lock: Lock,
}

impl Verifier<'_> {
    /// Verifies each file, what others are derived from first, and returns whether all are whole in the end.
    fn verify(&self) -> Result<bool> {
        let mut whole = true;
        let mut tell = |name: &str, state: State| {
            whole &= !matches!(state, State::Damaged { .. });
            self.tell(name, &state);
        };
        for (path, damage) in checkpoint::examine(&self.directory.join(CHECKPOINTS))? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let state = damage.map_or(State::Whole, |error| State::Damaged { reason: error.to_string() });
            tell(&format!("{CHECKPOINTS}/{name}"), state);
        }
        let recorded = digests::recorded(self.directory);
        if let Err(error) = &recorded {
            tell("digests.json", State::Damaged { reason: format!("{error:#}") });
        }
        let (recorded, found) = (recorded.unwrap_or_default(), digests::found(self.directory)?);
        let damage = |name: &str| match (recorded.get(name), found.get(name)) {
            (Some(expected), Some(found)) if expected != found => {
                Some(format!("its SHA-256 is {found}, expected {expected}"))
            }
            (Some(_), None) => Some("it is missing".to_owned()),
            _ => None,
        };
        let unharmed =
            |name: &str| if recorded.contains_key(name) { State::Whole } else { State::Unrecorded };

        for (name, copy) in
            [(CONFIG, self.config()), (ABOUT, self.copy(ABOUT)), (SAMPLES, self.copy(SAMPLES))]
        {
            let unreadable = || self.unreadable(name, name == CONFIG);
            match damage(name).or_else(unreadable) {
                Some(reason) => tell(name, self.put(name, reason, copy)?),
                None if found.contains_key(name) => tell(name, unharmed(name)),
                None => {}
            }
        }
        for &name in LOGS {
            if let Some(state) = self.log(name)? {
                tell(name, state);
            }
        }
        let is_used = fs::metadata(self.directory.join(METRICS)).is_ok_and(|metrics| metrics.len() > 0);
        for &name in MODELS {
            let path = self.directory.join(name);
            match StateDict::load(&path) {
                Ok(_) => tell(name, State::Whole),
                // There is no best model where no loss was a number.
                Err(_) if !path.exists() && self.copy(name).is_none() && (name == BEST || !is_used) => {}
                Err(error) => tell(name, self.put(name, error.to_string(), self.copy(name))?),
            }
        }
        // What is made of the others.
        match damage(TEST).or_else(|| self.unreadable(TEST, false)) {
            Some(reason) => tell(TEST, self.evaluate(reason)),
            None if found.contains_key(TEST) => tell(TEST, unharmed(TEST)),
            None => {}
        }
        let missing = recorded.keys().filter(|name| in_folder(name, EVENTS) && !found.contains_key(*name));
        for (name, state) in self.events(missing.cloned().collect())? {
            tell(&name, state);
        }
        let pages: BTreeSet<&String> = recorded
            .keys()
            .chain(found.keys())
            .filter(|name| *name == REPORT || in_folder(name, PICTURES))
            .collect();
        let harmed: Vec<(&String, Option<String>)> =
            pages.into_iter().map(|name| (name, damage(name))).collect();
        let written = match harmed.iter().any(|(_, reason)| reason.is_some()) {
            true => selvedge_report::write(self.directory).map(drop),
            false => Ok(()),
        };
        for (name, reason) in harmed {
            let state = match (reason, &written) {
                (None, _) => unharmed(name),
                (Some(reason), Ok(())) => State::Repaired { reason, from: "the other files".to_owned() },
                (Some(reason), Err(error)) => State::Damaged { reason: format!("{reason}; {error}") },
            };
            tell(name, state);
        }
        if whole && !recorded.is_empty() && digests::found(self.directory)? != recorded {
            digests::record(self.directory)?;
        }
        Ok(whole)
    }

    fn tell(&self, name: &str, state: &State) {
        let (word, reason, from) = match state {
            State::Whole => ("whole", None, None),
            State::Unrecorded => ("not recorded", None, None),
            State::Repaired { reason, from } => ("repaired", Some(reason), Some(from)),
            State::Damaged { reason } => ("damaged", Some(reason), None),
        };
        let text = match (reason, from) {
            (Some(reason), Some(from)) => format!("{name}: {reason}; repaired from {from}"),
            (Some(reason), None) => format!("{name}: damaged: {reason}"),
            _ => format!("{name}: {word}"),
        };
        self.output.say(text, || json!({ "file": name, "state": word, "reason": reason, "from": from }));
    }

    fn copy(&self, name: &str) -> Option<Vec<u8>> {
        self.snapshot.as_ref().and_then(|snapshot| snapshot.copy_of(name)).map(<[u8]>::to_vec)
    }

    /// The configuration that the checkpoint holds.
    fn config(&self) -> Option<Vec<u8>> {
        let config = &self.snapshot.as_ref()?.state.config;
        let text = serde_json::to_string_pretty(config).ok()? + "\n";
        Some(text.into_bytes())
    }

    fn from(&self) -> String {
        let step = self.snapshot.as_ref().map_or(0, |snapshot| snapshot.state.position.step);
        format!("the checkpoint after step {step}")
    }

    /// Why a file of JSON cannot be read, recorded or not; nothing where there is no such file and none is needed.
    fn unreadable(&self, name: &str, is_needed: bool) -> Option<String> {
        let path = self.directory.join(name);
        match fs::read(&path) {
            Ok(_) if name == CONFIG => Config::read(&path).err().map(|error| format!("{error:#}")),
            Ok(bytes) => serde_json::from_slice::<Value>(&bytes).err().map(|error| error.to_string()),
            Err(_) if !path.exists() && !is_needed => None,
            Err(error) => Some(error.to_string()),
        }
    }

    /// Repairs a file from its copy.
    fn put(&self, name: &str, reason: String, copy: Option<Vec<u8>>) -> Result<State> {
        let Some(copy) = copy else { return Ok(State::Damaged { reason }) };
        selvedge_atomic::write_atomically(&self.directory.join(name), copy)?;
        Ok(State::Repaired { reason, from: self.from() })
    }

    fn log(&self, name: &str) -> Result<Option<State>> {
        let mut log = JsonLines::new(self.directory.join(name));
        let copy = self.copy(name);
        if copy.is_none() && !log.path().exists() {
            return Ok(None);
        }
        let step = self.snapshot.as_ref().map_or(0, |snapshot| snapshot.state.position.step);
        let RestoredRows { damaged, restored } = log.repair(copy.as_deref(), step)?;
        let mut reasons: Vec<String> =
            damaged.iter().map(|row| format!("line {}: {}", row.line, row.reason)).collect();
        if restored > 0 {
            let rows = if restored == 1 { "row was" } else { "rows were" };
            reasons.push(format!("{restored} {rows} missing"));
        }
        let reason = reasons.join(", ");
        Ok(Some(match (damaged.len(), restored) {
            (0, 0) => State::Whole,
            // A damaged row of a later step, or without a checkpoint, is lost.
            (lost, restored) if lost > restored => State::Damaged {
                reason: format!("{reason}; the lines are now in {}", log.damaged_path().display()),
            },
            _ => State::Repaired { reason, from: self.from() },
        }))
    }

    fn events(&self, missing: Vec<String>) -> Result<Vec<(String, State)>> {
        let folder = self.directory.join(EVENTS);
        let mut damaged: Vec<(String, String)> =
            missing.into_iter().map(|name| (name, "it is missing".to_owned())).collect();
        for events in tensorboard::examine(&folder)? {
            let name = events.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            damaged.push((format!("{EVENTS}/{name}"), events.reason));
        }
        if damaged.is_empty() {
            return Ok(if folder.is_dir() { vec![(EVENTS.to_owned(), State::Whole)] } else { Vec::new() });
        }
        let repaired = selvedge_report::Run::read(self.directory)
            .and_then(|run| tensorboard::restore(&folder, u64::MAX, &run.steps, &run.epochs));
        let states = damaged.into_iter().map(|(name, reason)| match &repaired {
            Ok(_) => (name, State::Repaired { reason, from: "the logs".to_owned() }),
            Err(error) => (name, State::Damaged { reason: format!("{reason}; {error}") }),
        });
        Ok(states.collect())
    }

    /// Measures the model on the test set again.
    fn evaluate(&self, reason: String) -> State {
        let measured = Run::open(self.directory).and_then(|(run, config)| report::measure(&run, &config));
        match measured {
            Ok(()) => State::Repaired { reason, from: "the model and the test set".to_owned() },
            Err(error) => State::Damaged { reason: format!("{reason}; {error:#}") },
        }
    }
}

fn in_folder(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
