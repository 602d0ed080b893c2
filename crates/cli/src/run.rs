use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use selvedge_atomic::{Attempt, Lock};
use selvedge_nn::{Forward, ModuleExt, NnError, StateDict};
use selvedge_train::checkpoint::{Snapshot, latest_good};
use selvedge_train::trainer::JsonLines;

use crate::config::Config;
use crate::named::name_of;

pub(crate) const CONFIG: &str = "config.json";
pub(crate) const METRICS: &str = "metrics.jsonl";
pub(crate) const STEPS: &str = "steps.jsonl";
pub(crate) const MODEL: &str = "model.safetensors";
pub(crate) const BEST: &str = "best.safetensors";
pub(crate) const TEST: &str = "test.json";
pub(crate) const REPORT: &str = "report.html";
pub(crate) const ABOUT: &str = "about.json";
pub(crate) const SAMPLES: &str = "samples.json";
pub(crate) const CHECKPOINTS: &str = "checkpoints";
const LOCK: &str = ".lock";
/// What the process that trains into a folder is at, for others that want to.
const TRAINING: &str = "training";

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
        selvedge_atomic::refuse_links_in(&directory)?;
        let run = Self { _lock: Some(lock(&directory, TRAINING)?), directory };
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
        // What is written there has to stay there, and what is read is what a training wrote.
        selvedge_atomic::refuse_links_in(directory)?;
        let config = Config::read(&directory.join(CONFIG))
            .with_context(|| format!("{} is not the folder of a run", directory.display()))?;
        Ok((Self { directory: directory.to_path_buf(), _lock: None }, config))
    }

    /// As [`open`](Self::open), to train into the folder, which one process at a time may.
    pub(crate) fn open_to_train(directory: &Path) -> Result<(Self, Config)> {
        let (run, config) = Self::open(directory)?;
        Ok((Self { _lock: Some(lock(directory, TRAINING)?), ..run }, config))
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where the checkpoints are.
    pub(crate) fn checkpoints(&self) -> PathBuf {
        self.directory.join(CHECKPOINTS)
    }

    /// The log of the epochs.
    pub(crate) fn metrics(&self) -> JsonLines {
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

    /// Puts the trained weights into a network that [`Config::model`] built: the last, or those of the best evaluation. A
    /// file that is damaged or missing is restored from the last checkpoint that is whole, which `tell` is told.
    pub(crate) fn load(
        &self,
        model: &dyn Forward,
        weights: Weights,
        tell: &mut dyn FnMut(String),
    ) -> Result<()> {
        let name = match weights {
            Weights::Last => MODEL,
            Weights::Best => BEST,
        };
        let path = self.directory.join(name);
        let state = match StateDict::load(&path) {
            Ok(state) => state,
            Err(error) => self.restored(name, error, tell)?,
        };
        model
            .load_state_dict(&state)
            .with_context(|| format!("{} is not of the network in {CONFIG}", path.display()))
    }

    /// A model from the copy in a checkpoint, which becomes the run's file again. Where there is no copy, `error` it is.
    fn restored(&self, name: &str, error: NnError, tell: &mut dyn FnMut(String)) -> Result<StateDict> {
        let good = latest_good(&self.checkpoints()).ok().and_then(|found| found.good);
        let Some((checkpoint, snapshot)) = good else { return Err(error.into()) };
        let Some(copy) = snapshot.copy_of(name) else { return Err(error.into()) };
        let path = self.directory.join(name);
        // While another process trains into the folder, or where nobody may write, the copy is only read.
        let lock = Lock::attempt(&self.directory.join(LOCK), "restoring a model");
        let written = matches!(lock, Ok(Attempt::Acquired(_)))
            && selvedge_atomic::write_atomically(&path, copy).is_ok();
        let (step, done) =
            (snapshot.state.position.step, if written { "it is restored" } else { "read instead" });
        tell(format!("{error}; {done} from the checkpoint after step {step}"));
        Ok(StateDict::load(Snapshot::path_of(&checkpoint, name))?)
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
pub(crate) fn lock(directory: &Path, purpose: &str) -> Result<Lock> {
    match Lock::attempt(&directory.join(LOCK), purpose)? {
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
