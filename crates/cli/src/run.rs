use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use selvedge_atomic::{Attempt, Lock};
use selvedge_nn::{Forward, ModuleExt, StateDict};
use selvedge_report::Epoch;
use selvedge_train::trainer::JsonLines;

use crate::config::Config;
use crate::named::name_of;

const CONFIG: &str = "config.json";
const METRICS: &str = "metrics.jsonl";
const MODEL: &str = "model.safetensors";
const BEST: &str = "best.safetensors";
const CHECKPOINTS: &str = "checkpoints";
const LOCK: &str = ".lock";

/// Which of the models of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Weights {
    /// That of the last epoch
    #[default]
    Last,
    /// That of the best evaluation, by fit.monitor
    Best,
}

/// The folder of a training run.
#[derive(Debug)]
pub(crate) struct Run {
    directory: PathBuf,
    /// Held by the process that trains into the folder, until it ends, however it ends.
    _lock: Option<Lock>,
}

impl Run {
    /// Makes the folder of a new run: the given one, which has to be new or empty, or the next free
    /// `runs/MODEL-N`.
    pub(crate) fn create(out: Option<&Path>, config: &Config) -> Result<Self> {
        let directory = match out {
            Some(out) => {
                fs::create_dir_all(out).with_context(|| cannot_make(out))?;
                let mut entries = fs::read_dir(out).with_context(|| cannot_make(out))?.flatten();
                // What a process left that was killed as it began does not count.
                let counts = |entry: &DirEntry| {
                    !selvedge_atomic::is_unfinished(entry.path()) && entry.file_name() != LOCK
                };
                if entries.any(|entry| counts(&entry)) {
                    bail!(
                        "{} is not empty: choose another folder with --out, or remove it first",
                        out.display()
                    );
                }
                out.to_path_buf()
            }
            None => next_free(Path::new("runs"), config)?,
        };
        let run = Self { _lock: Some(lock(&directory)?), directory };
        run.write_config(config)?;
        Ok(run)
    }

    /// Keeps what the run is trained with.
    pub(crate) fn write_config(&self, config: &Config) -> Result<()> {
        let text = serde_json::to_string_pretty(config)? + "\n";
        Ok(selvedge_atomic::write_atomically(&self.directory.join(CONFIG), text.as_bytes())?)
    }

    /// The folder of a run that was trained before, with what it was trained with.
    pub(crate) fn open(directory: &Path) -> Result<(Self, Config)> {
        if !directory.is_dir() {
            bail!("there is no run folder {}: `cargo xtask train` makes one", directory.display());
        }
        let config = Config::read(&directory.join(CONFIG))
            .with_context(|| format!("{} is not the folder of a run", directory.display()))?;
        Ok((Self { directory: directory.to_path_buf(), _lock: None }, config))
    }

    /// As [`open`](Self::open), to train into the folder, which one process at a time may.
    pub(crate) fn open_to_train(directory: &Path) -> Result<(Self, Config)> {
        let (run, config) = Self::open(directory)?;
        Ok((Self { _lock: Some(lock(directory)?), ..run }, config))
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where the checkpoints are.
    pub(crate) fn checkpoints(&self) -> PathBuf {
        self.directory.join(CHECKPOINTS)
    }

    /// Adds a line to `metrics.jsonl`, and brings it onto the disk: the checkpoint after it has seen it.
    pub(crate) fn append(&self, row: &Epoch) -> Result<()> {
        self.metrics().append(row)?;
        Ok(self.metrics().sync()?)
    }

    /// Removes the lines of epochs after the first `epochs`, which come again, and gives those before.
    pub(crate) fn cut_after(&self, epochs: u64) -> Result<Vec<Epoch>> {
        Ok(self.metrics().keep(|row: &Epoch| row.epoch as u64 <= epochs)?)
    }

    fn metrics(&self) -> JsonLines {
        JsonLines::new(self.directory.join(METRICS))
    }

    /// Replaces `model.safetensors`, whole or not at all.
    pub(crate) fn save(&self, model: &dyn Forward) -> Result<()> {
        Ok(model.state_dict().save(self.directory.join(MODEL))?)
    }

    /// Replaces `best.safetensors`, whole or not at all.
    pub(crate) fn save_best(&self, model: &dyn Forward) -> Result<()> {
        Ok(model.state_dict().save(self.directory.join(BEST))?)
    }

    /// Puts the trained weights into a network that [`Config::model`] built: the last, or those of the best evaluation.
    pub(crate) fn load(&self, model: &dyn Forward, weights: Weights) -> Result<()> {
        let path = self.directory.join(match weights {
            Weights::Last => MODEL,
            Weights::Best => BEST,
        });
        let state = StateDict::load(&path)?;
        model
            .load_state_dict(&state)
            .with_context(|| format!("{} is not of the network in {CONFIG}", path.display()))
    }
}

fn next_free(parent: &Path, config: &Config) -> Result<PathBuf> {
    fs::create_dir_all(parent).with_context(|| cannot_make(parent))?;
    let name = name_of(&config.model);
    for number in 1.. {
        let directory = parent.join(format!("{name}-{number}"));
        match fs::create_dir(&directory) {
            Ok(()) => return Ok(directory),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| cannot_make(&directory)),
        }
    }
    unreachable!("there are more numbers than folders")
}

/// Keeps a second process from training into the folder.
fn lock(directory: &Path) -> Result<Lock> {
    match Lock::attempt(&directory.join(LOCK), "training")? {
        Attempt::Acquired(lock) => Ok(lock),
        Attempt::Held { holder } => bail!(
            "{} is in use: {holder}; wait until that process is done, or stop it, and resume the run then",
            directory.display()
        ),
    }
}

fn cannot_make(directory: &Path) -> String {
    format!("cannot make the run folder {}", directory.display())
}
