use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use selvedge_nn::{Forward, ModuleExt, StateDict};
use selvedge_report::Epoch;

use crate::config::Config;

const CONFIG: &str = "config.json";
const METRICS: &str = "metrics.jsonl";
const MODEL: &str = "model.safetensors";
const CHECKPOINTS: &str = "checkpoints";

/// The folder of a training run.
#[derive(Debug)]
pub(crate) struct Run {
    directory: PathBuf,
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
                if entries.any(|entry| !selvedge_atomic::is_unfinished(entry.path())) {
                    bail!(
                        "{} is not empty: choose another folder with --out, or remove it first",
                        out.display()
                    );
                }
                out.to_path_buf()
            }
            None => next_free(Path::new("runs"), config)?,
        };
        let run = Self { directory };
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
        Ok((Self { directory: directory.to_path_buf() }, config))
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where the checkpoints are.
    pub(crate) fn checkpoints(&self) -> PathBuf {
        self.directory.join(CHECKPOINTS)
    }

    /// Adds a line to `metrics.jsonl`, in one write, so that a kill leaves whole lines.
    pub(crate) fn append(&self, row: &Epoch) -> Result<()> {
        let path = self.directory.join(METRICS);
        let line = serde_json::to_string(row)? + "\n";
        let open = || OpenOptions::new().create(true).append(true).open(&path);
        let write = |mut file: File| file.write_all(line.as_bytes()).and_then(|()| file.sync_data());
        open().and_then(write).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Removes the lines of epochs after the first `epochs`, which come again, and gives those before.
    pub(crate) fn cut_after(&self, epochs: u64) -> Result<Vec<Epoch>> {
        let path = self.directory.join(METRICS);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.with_context(|| format!("cannot read {}", path.display()))?,
        };
        let (mut kept, mut rows) = (String::new(), Vec::new());
        for line in text.split_inclusive('\n') {
            // A last line that a kill cut off is of an epoch that no checkpoint has seen.
            let Some(row) = serde_json::from_str::<Epoch>(line).ok().filter(|_| line.ends_with('\n')) else {
                break;
            };
            if row.epoch as u64 <= epochs {
                kept.push_str(line);
                rows.push(row);
            }
        }
        if kept != text {
            selvedge_atomic::write_atomically(&path, kept)?;
        }
        Ok(rows)
    }

    /// Replaces `model.safetensors`, whole or not at all.
    pub(crate) fn save(&self, model: &dyn Forward) -> Result<()> {
        Ok(model.state_dict().save(self.directory.join(MODEL))?)
    }

    /// Puts the trained weights into a network that [`Config::model`] built.
    pub(crate) fn load(&self, model: &dyn Forward) -> Result<()> {
        let path = self.directory.join(MODEL);
        let state = StateDict::load(&path)?;
        model
            .load_state_dict(&state)
            .with_context(|| format!("{} is not of the network in {CONFIG}", path.display()))
    }
}

fn next_free(parent: &Path, config: &Config) -> Result<PathBuf> {
    fs::create_dir_all(parent).with_context(|| cannot_make(parent))?;
    let name = config.model.name();
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

fn cannot_make(directory: &Path) -> String {
    format!("cannot make the run folder {}", directory.display())
}
