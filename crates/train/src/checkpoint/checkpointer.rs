use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use selvedge_data::LoaderState;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::copied::CopiedFiles;
use super::error::Result;
use super::{CheckpointError, Snapshot, folder};
use crate::TrainError;
use crate::domain::Domain;
use crate::trainer::{Event, Observer, Training};

/// When a [`Checkpointer`] writes, and what it keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckpointOptions {
    /// After so many epochs, positive. Default: 1.
    pub every_epochs: u64,
    /// Also after so many updates, positive. Default: not.
    pub every_steps: Option<u64>,
    /// How many of the last checkpoints are kept, positive. Default: 2.
    pub keep_last: usize,
    /// Whether the checkpoint of the best evaluation is written and kept, too. Default: `true`.
    pub keep_best: bool,
    /// Whether another thread writes while the training goes on. Default: `true`.
    pub background: bool,
}

impl Default for CheckpointOptions {
    fn default() -> Self {
        Self { every_epochs: 1, every_steps: None, keep_last: 2, keep_best: true, background: true }
    }
}

impl CheckpointOptions {
    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> std::result::Result<(), TrainError> {
        const DOMAIN: Domain = Domain("CheckpointOptions");
        let positive = |option, value: u64| DOMAIN.require(value > 0, option, "a number from 1 on", value);
        positive("every_epochs", self.every_epochs)?;
        positive("every_steps", self.every_steps.unwrap_or(1))?;
        positive("keep_last", self.keep_last as u64)
    }
}

/// Writes checkpoints of a training into a folder: an observer, which comes after those that write logs, so that what a
/// checkpoint has seen is in the logs.
///
/// The training waits while its state is copied, not while it is written. Two checkpoints are never written at a time: the
/// next one waits for the one before, and is told its error.
#[derive(Debug)]
pub struct Checkpointer {
    folder: PathBuf,
    options: CheckpointOptions,
    config: Value,
    copied: CopiedFiles,
    writing: Option<(PathBuf, JoinHandle<Result<()>>)>,
    /// What the last checkpoint is of.
    saved: Option<LoaderState>,
}

impl Checkpointer {
    /// A writer into `folder`, which is made, and freed of what a killed process left. Each checkpoint holds
    /// `config`.
    ///
    /// # Errors
    ///
    /// When an option has a value that it can not have, or the folder cannot be made.
    pub fn new(folder: impl Into<PathBuf>, options: CheckpointOptions, config: Value) -> Result<Self> {
        options.validate()?;
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(CheckpointError::io("create", &folder))?;
        selvedge_atomic::remove_leftovers(&folder)?;
        let copied = CopiedFiles::default();
        Ok(Self { folder, options, config, copied, writing: None, saved: None })
    }

    /// Lets each checkpoint hold copies of files of the caller, so that they can be [restored](Snapshot::copy_of) with the
    /// training: those of the files `replaced` and `appended` in `folder` that are there when it is taken. The files
    /// `appended` are logs, which only grow: no checkpoint is written once one of them has become shorter.
    ///
    /// # Errors
    ///
    /// When a file of `appended` cannot be read.
    pub fn copy_files(
        &mut self,
        folder: impl Into<PathBuf>,
        replaced: &[&str],
        appended: &[&str],
    ) -> Result<()> {
        self.copied = CopiedFiles::new(folder.into(), replaced, appended)?;
        Ok(())
    }

    /// Where the checkpoints are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a checkpoint now.
    ///
    /// # Errors
    ///
    /// When it cannot be written, or the one before could not.
    pub fn save(&mut self, training: &Training<'_>) -> Result<()> {
        let mut snapshot = Snapshot::of(training, &self.config)?;
        snapshot.copies = self.copied.read()?;
        self.finish()?;
        self.saved = Some(snapshot.state.position.loader);
        let path = folder::path(&self.folder, snapshot.state.position.step);
        let (folder, keep_last) = (self.folder.clone(), self.options.keep_last);
        let best = training.best().filter(|_| self.options.keep_best).map(|best| best.step);
        let write = move || {
            folder::put(&folder, &snapshot)?;
            folder::prune(&folder, keep_last, best)
        };
        if !self.options.background {
            return write();
        }
        let thread = thread::Builder::new().name("checkpoint".to_owned());
        let handle = thread.spawn(write).map_err(CheckpointError::io("write", &path))?;
        self.writing = Some((path, handle));
        Ok(())
    }

    /// Waits until the last checkpoint is on the disk.
    ///
    /// # Errors
    ///
    /// When it could not be written.
    pub fn finish(&mut self) -> Result<()> {
        match self.writing.take() {
            None => Ok(()),
            Some((path, handle)) => handle.join().unwrap_or(Err(CheckpointError::Thread { path })),
        }
    }

    /// Writes a checkpoint of where the training ended, unless there is one, and waits until it is on the disk.
    ///
    /// # Errors
    ///
    /// As [`save`](Self::save).
    pub fn close(&mut self, training: &Training<'_>) -> Result<()> {
        if self.saved != Some(training.loader_state()) {
            self.save(training)?;
        }
        self.finish()
    }

    fn is_due(&self, event: &Event<'_>, training: &Training<'_>) -> bool {
        let is_best =
            training.best().is_some_and(|best| self.options.keep_best && best.step == training.step());
        match event {
            // The end of the epoch follows the last batch, and is written then.
            Event::Stepped { .. } => {
                let over = training.loader_state().batch == training.train.len();
                let due = self.options.every_steps.is_some_and(|every| training.step().is_multiple_of(every));
                (due || is_best) && !over
            }
            Event::EpochEnded { .. } => {
                is_best || training.loader_state().epoch.is_multiple_of(self.options.every_epochs)
            }
            _ => false,
        }
    }
}

impl<E: From<CheckpointError>> Observer<E> for Checkpointer {
    fn observe(
        &mut self,
        event: &Event<'_>,
        training: &Training<'_>,
    ) -> std::result::Result<ControlFlow<()>, E> {
        if self.is_due(event, training) {
            self.save(training)?;
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl Drop for Checkpointer {
    /// A checkpoint that is being written becomes whole.
    fn drop(&mut self) {
        let _ = self.finish();
    }
}
