use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::TrainError;

/// A file to which observers add a line of JSON at a time, each in one write, so that a kill leaves whole lines and at
/// most one that is cut at the end.
#[derive(Debug, Clone)]
pub struct JsonLines {
    path: PathBuf,
    /// The length of the file after what this process did to it last.
    length: Option<u64>,
    /// Whether this process brought the name onto the disk.
    named: bool,
}

/// A line of a [`JsonLines`] that is not what was written, found where the file is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedRow {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// What [`JsonLines::keep`] left in the file, and what it removed from it.
#[derive(Debug)]
pub struct Kept<T> {
    /// The rows that are still there, in order.
    pub rows: Vec<T>,
    /// The lines that could not be read. They are now in the [file for them](JsonLines::damaged_path).
    pub damaged: Vec<DamagedRow>,
}

/// What [`JsonLines::restore`] found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RestoredRows {
    /// The lines that were damaged. They are now in the [file for them](JsonLines::damaged_path).
    pub damaged: Vec<DamagedRow>,
    /// How many lines of the copy the file did not have.
    pub restored: usize,
}

impl JsonLines {
    /// The file of this name, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), length: None, named: false }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where damaged lines are kept: beside the file, under its name with `.damaged`.
    #[must_use]
    pub fn damaged_path(&self) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(".damaged");
        path.into()
    }

    /// Adds a line.
    ///
    /// # Errors
    ///
    /// When the file cannot be written, or when it has another length than after the line before: then another
    /// program removed or changed it, and rows are lost.
    pub fn append(&mut self, row: &impl Serialize) -> Result<(), TrainError> {
        let line = serde_json::to_string(row).map_err(|error| self.failed(error.into()))? + "\n";
        let mut file = selvedge_atomic::open_own(&self.path, OpenOptions::new().create(true).append(true))
            .map_err(|error| self.failed(error.source))?;
        let found = file.metadata().map_err(|source| self.failed(source))?.len();
        self.expect(found)?;
        file.write_all(line.as_bytes()).map_err(|source| self.failed(source))?;
        self.length = Some(found + line.len() as u64);
        Ok(())
    }

    /// Whether the lines that this process added are still there.
    ///
    /// # Errors
    ///
    /// When another program removed or changed the file since the last line was added.
    pub fn check(&self) -> Result<(), TrainError> {
        match fs::metadata(&self.path) {
            Ok(metadata) => self.expect(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.expect(0),
            Err(source) => Err(self.failed(source)),
        }
    }

    fn expect(&self, found: u64) -> Result<(), TrainError> {
        match self.length {
            Some(expected) if expected != found => {
                Err(TrainError::LogChanged { path: self.path.clone(), expected, found })
            }
            _ => Ok(()),
        }
    }

    /// Brings the lines, and the name of the file, onto the disk itself, so that a power cut does not remove them.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or synchronised.
    pub fn sync(&mut self) -> Result<(), TrainError> {
        if self.named {
            let file = File::open(&self.path);
            return file.and_then(|file| file.sync_data()).map_err(|source| self.failed(source));
        }
        selvedge_atomic::sync(&self.path).map_err(|error| self.failed(error.source))?;
        self.named = true;
        Ok(())
    }

    /// Removes the lines whose `step` is past `step`: a training that is resumed from a checkpoint writes them again.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written.
    pub fn cut_after(&mut self, step: u64) -> Result<Vec<DamagedRow>, TrainError> {
        Ok(self.keep(|row: &Value| row["step"].as_u64().is_some_and(|found| found <= step))?.damaged)
    }

    /// Removes the lines that `is_kept` refuses, and returns the others. A line that is no `T` is moved to the
    /// [file for damaged lines](Self::damaged_path) and reported. A last line without its end, as a kill leaves it, is
    /// removed without a report.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written.
    pub fn keep<T: DeserializeOwned>(&mut self, is_kept: impl Fn(&T) -> bool) -> Result<Kept<T>, TrainError> {
        let (mut kept, mut rows, mut bad) = (Vec::new(), Vec::new(), Vec::new());
        let bytes = self.read()?;
        for (number, line) in whole_lines(&bytes) {
            match parsed(line) {
                Ok(row) if is_kept(&row) => {
                    kept.extend_from_slice(line);
                    rows.push(row);
                }
                Ok(_) => {}
                Err(reason) => bad.push((DamagedRow { line: number, reason }, line)),
            }
        }
        let damaged = self.replace(&bytes, Some(&kept), bad)?;
        Ok(Kept { rows, damaged })
    }

    /// Gives the file the content that it had when a checkpoint copied it, or removes it where there is no copy.
    ///
    /// Rows after `step`, the updates before the checkpoint, are removed: they come again. A line is damaged that is no
    /// JSON, or that is of an earlier step and differs from the copy. Such a line is moved to the
    /// [file for damaged lines](Self::damaged_path) and reported, but for a last line without its end, as a kill
    /// leaves it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written.
    pub fn restore(&mut self, copy: Option<&[u8]>, step: u64) -> Result<RestoredRows, TrainError> {
        self.compare(copy, step, false)
    }

    /// As [`restore`](Self::restore), but keeps the rows after `step`, since no training is resumed.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written.
    pub fn repair(&mut self, copy: Option<&[u8]>, step: u64) -> Result<RestoredRows, TrainError> {
        self.compare(copy, step, true)
    }

    fn compare(
        &mut self,
        copy: Option<&[u8]>,
        step: u64,
        keeps_later: bool,
    ) -> Result<RestoredRows, TrainError> {
        let bytes = self.read()?;
        let mut wanted: Vec<&[u8]> = copy.into_iter().flat_map(whole_lines).map(|it| it.1).collect();
        // From the first on, since the lines are most often the same in the same order.
        wanted.reverse();
        let (mut bad, mut later) = (Vec::new(), Vec::new());
        for (number, line) in whole_lines(&bytes) {
            if let Some(place) = wanted.iter().rposition(|wanted| *wanted == line) {
                wanted.remove(place);
                continue;
            }
            let reason = match parsed::<Value>(line) {
                Err(reason) => reason,
                // Without a copy, there is nothing that a row could differ from.
                Ok(row) if copy.is_none() || row["step"].as_u64().is_some_and(|found| found > step) => {
                    later.extend_from_slice(line);
                    continue;
                }
                Ok(_) => "it differs from the checkpoint's".to_owned(),
            };
            bad.push((DamagedRow { line: number, reason }, line));
        }
        let restored = wanted.len();
        let damaged = if keeps_later {
            let new = [copy.unwrap_or_default(), &later].concat();
            let is_there = copy.is_some() || self.path.exists();
            self.replace(&bytes, is_there.then_some(&new[..]), bad)?
        } else {
            self.replace(&bytes, copy, bad)?
        };
        Ok(RestoredRows { damaged, restored })
    }

    /// Puts `new` in the place of `old`, or removes the file, after the damaged lines were kept elsewhere.
    fn replace(
        &mut self,
        old: &[u8],
        new: Option<&[u8]>,
        damaged: Vec<(DamagedRow, &[u8])>,
    ) -> Result<Vec<DamagedRow>, TrainError> {
        if !damaged.is_empty() {
            let aside = self.damaged_path();
            let lines: Vec<u8> = damaged.iter().flat_map(|(_, line)| line.iter().copied()).collect();
            let file = OpenOptions::new().create(true).append(true).open(&aside);
            file.and_then(|mut file| file.write_all(&lines))
                .map_err(|source| TrainError::Log { path: aside, source })?;
        }
        match new {
            Some(new) if new != old => {
                let written = selvedge_atomic::write_atomically(&self.path, new);
                written.map_err(|error| self.failed(error.source))?;
            }
            None if self.path.exists() => {
                fs::remove_file(&self.path).map_err(|source| self.failed(source))?
            }
            _ => {}
        }
        self.length = Some(new.map_or(0, <[u8]>::len) as u64);
        Ok(damaged.into_iter().map(|(row, _)| row).collect())
    }

    fn read(&self) -> Result<Vec<u8>, TrainError> {
        match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|source| self.failed(source)),
        }
    }

    fn failed(&self, source: io::Error) -> TrainError {
        TrainError::Log { path: self.path.clone(), source }
    }
}

/// The lines that have their end, numbered from 1.
fn whole_lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
    lines.filter(|(_, line)| line.ends_with(b"\n")).map(|(index, line)| (index + 1, line))
}

fn parsed<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| error.to_string())
}
