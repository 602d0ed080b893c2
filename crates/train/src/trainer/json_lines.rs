use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::TrainError;

/// A file to which observers add a line of JSON at a time, each in one write, so that a kill leaves whole lines.
#[derive(Debug, Clone)]
pub struct JsonLines {
    path: PathBuf,
}

impl JsonLines {
    /// The file of this name, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line.
    ///
    /// # Errors
    ///
    /// When the file can not be written.
    pub fn append(&self, row: &impl Serialize) -> Result<(), TrainError> {
        let line = serde_json::to_string(row).map_err(|error| self.failed(error.into()))? + "\n";
        let file = OpenOptions::new().create(true).append(true).open(&self.path);
        file.and_then(|mut file| file.write_all(line.as_bytes())).map_err(|source| self.failed(source))
    }

    /// Brings the lines onto the disk itself, where a power cut leaves them.
    ///
    /// # Errors
    ///
    /// When the file can not be opened or synchronised.
    pub fn sync(&self) -> Result<(), TrainError> {
        File::open(&self.path).and_then(|file| file.sync_data()).map_err(|source| self.failed(source))
    }

    /// Removes the lines whose `step` is past `step`: a training that goes on from a checkpoint writes them again.
    ///
    /// # Errors
    ///
    /// When the file can not be read or written.
    pub fn cut_after(&self, step: u64) -> Result<(), TrainError> {
        self.keep(|row: &Value| row["step"].as_u64().is_some_and(|found| found <= step)).map(drop)
    }

    /// Removes the lines that `is_kept` does not want, and gives the others. The first line that is no `T`, as one that a
    /// kill cut off, and those after it go, too: no checkpoint has seen them.
    ///
    /// # Errors
    ///
    /// When the file can not be read or written.
    pub fn keep<T: DeserializeOwned>(&self, is_kept: impl Fn(&T) -> bool) -> Result<Vec<T>, TrainError> {
        let text = match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(|source| self.failed(source))?,
        };
        let (mut kept, mut rows) = (String::new(), Vec::new());
        for line in text.split_inclusive('\n') {
            let Some(row) = serde_json::from_str(line).ok().filter(|_| line.ends_with('\n')) else { break };
            if is_kept(&row) {
                kept.push_str(line);
                rows.push(row);
            }
        }
        if kept != text {
            selvedge_atomic::write_atomically(&self.path, kept).map_err(|error| self.failed(error.source))?;
        }
        Ok(rows)
    }

    fn failed(&self, source: io::Error) -> TrainError {
        TrainError::Log { path: self.path.clone(), source }
    }
}
