//! Event files for TensorBoard.
//!
//! No crate that writes them is kept: those there are have had no release since 2022 and 2023. The format is small, the framing of
//! TensorFlow's records around four messages, so it is written here, with prost for the messages.

mod histogram;
mod message;
mod record;
mod restore;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use tch::Tensor;

pub use restore::{DamagedEvents, examine, restore};

use crate::{ImageData, ReportError, Result};
use message::{Event, Image, SessionLog, Summary, Value, What};

const PREFIX: &str = "events.out.tfevents.";

/// Writes scalars, histograms and images that TensorBoard shows; PyTorch's `SummaryWriter`.
///
/// Each call writes through, so that a TensorBoard that looks on is up to date and a kill loses nothing.
///
/// ```
/// use selvedge_report::tensorboard::EventWriter;
///
/// # let folder = tempfile::tempdir().unwrap();
/// let mut writer = EventWriter::create(folder.path())?;
/// writer.scalar("loss", 0.5, 1)?;
/// writer.histogram("weight", &tch::Tensor::from_slice(&[1.0, 2.0]), 1)?;
/// # Ok::<(), selvedge_report::ReportError>(())
/// ```
#[derive(Debug)]
pub struct EventWriter {
    path: PathBuf,
    file: File,
}

impl EventWriter {
    /// Begins a new file in the directory, which is made where there is none. The files of one directory are one run to
    /// TensorBoard.
    ///
    /// # Errors
    ///
    /// When the directory or the file cannot be made.
    pub fn create(directory: &Path) -> Result<Self> {
        Self::create_at(directory, now() as u64)
    }

    fn create_at(directory: &Path, now: u64) -> Result<Self> {
        let failed = |path: &Path| {
            let path = path.to_path_buf();
            |source| ReportError::from(selvedge_atomic::Error { action: "create", path, source })
        };
        fs::create_dir_all(directory).map_err(failed(directory))?;
        let process = std::process::id();
        let names = fs::read_dir(directory).map_err(failed(directory))?.flatten();
        let names: Vec<String> =
            names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        let there = names.iter().filter(|name| name.contains("tfevents")).count();
        // A clock that was set back must not put this file before those. More digits would sort before fewer.
        let last = names.iter().filter_map(|name| name.strip_prefix(PREFIX)?.split('.').next()?.parse().ok());
        let seconds = last.max().unwrap_or(0).max(now).min(9_999_999_999);
        for number in there.. {
            // TensorBoard reads the files of a directory in the order of their names.
            let name = format!("{PREFIX}{seconds:010}.{number:04}.selvedge.{process}");
            let path = directory.join(name);
            match OpenOptions::new().create_new(true).append(true).open(&path) {
                Ok(file) => {
                    let mut writer = Self { path, file };
                    writer.write(0, What::FileVersion("brain.Event:2".to_owned()))?;
                    // Of the starts that TensorBoard reads it takes the first for the beginning of the run, and only
                    // those after it for a reason to forget.
                    if there == 0 {
                        writer.purge_from(0)?;
                    }
                    return Ok(writer);
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(&path)(error)),
            }
        }
        unreachable!("there are more numbers than files")
    }

    /// Makes TensorBoard forget what the files before this one tell of `step` and later ones, since a training that goes
    /// on from a checkpoint tells it again; `purge_step` of PyTorch's `SummaryWriter`.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn purge_from(&mut self, step: u64) -> Result<()> {
        self.write(step, What::SessionLog(SessionLog { status: SessionLog::START }))
    }

    /// A number, which TensorBoard keeps as an `f32`.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn scalar(&mut self, tag: &str, value: f64, step: u64) -> Result<()> {
        self.value(step, Value { simple_value: Some(value as f32), ..Value::named(tag) })
    }

    /// How the values of a tensor are spread. Nothing is written of a tensor without finite values.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn histogram(&mut self, tag: &str, values: &Tensor, step: u64) -> Result<()> {
        match histogram::of(values) {
            Some(histogram) => self.value(step, Value { histogram: Some(histogram), ..Value::named(tag) }),
            None => Ok(()),
        }
    }

    /// An image.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn image(&mut self, tag: &str, image: &ImageData, step: u64) -> Result<()> {
        let (width, height) = (image.width as i32, image.height as i32);
        let image = Image { height, width, colourspace: 4, png: image.bytes() };
        self.value(step, Value { image: Some(image), ..Value::named(tag) })
    }

    fn value(&mut self, step: u64, value: Value) -> Result<()> {
        self.write(step, What::Summary(Summary { values: vec![value] }))
    }

    fn write(&mut self, step: u64, what: What) -> Result<()> {
        let event = Event { wall_time: now(), step: step as i64, what: Some(what) };
        let failed = |source| selvedge_atomic::Error { action: "write", path: self.path.clone(), source };
        Ok(self.file.write_all(&record::framed(&prost::Message::encode_to_vec(&event))).map_err(failed)?)
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    /// The steps of the events of a file that are starts, and how many others follow each.
    fn starts(path: &Path) -> Vec<(i64, usize)> {
        let bytes = fs::read(path).unwrap();
        let (mut rest, mut starts) = (&bytes[..], Vec::new());
        while let Some((length, after)) = rest.split_first_chunk() {
            let (event, after) = after[4..].split_at(u64::from_le_bytes(*length) as usize);
            let event = Event::decode(event).unwrap();
            match (event.what, starts.last_mut()) {
                (Some(What::SessionLog(SessionLog { status: SessionLog::START })), _) => {
                    starts.push((event.step, 0));
                }
                (_, Some((_, others))) => *others += 1,
                (_, None) => {}
            }
            rest = &after[4..];
        }
        starts
    }

    /// TensorBoard reads the files in the order of their names.
    #[test]
    fn a_file_comes_after_those_before_it_whatever_the_clock_says() {
        let folder = tempfile::tempdir().unwrap();
        let mut made = Vec::new();
        // Set back, far beyond the year 9999, and back to 1970.
        for now in [1_700_000_000, 1_600_000_000, 1_700_000_001, 253_402_300_800, 0] {
            made.push(EventWriter::create_at(folder.path(), now).unwrap().path);
        }
        assert!(made.is_sorted(), "{made:?}");
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        assert_eq!(names, made);
    }

    /// The reader in Python forgets nothing at the first start that it reads.
    #[test]
    fn the_first_file_of_a_run_begins_it_and_a_later_one_purges() {
        let folder = tempfile::tempdir().unwrap();
        // What is no event file does not count.
        fs::write(folder.path().join("notes.txt"), "").unwrap();
        let mut first = EventWriter::create(folder.path()).unwrap();
        first.scalar("loss", 0.5, 1).unwrap();
        first.scalar("loss", 0.4, 2).unwrap();
        let mut second = EventWriter::create(folder.path()).unwrap();
        second.purge_from(2).unwrap();
        second.scalar("loss", 0.3, 2).unwrap();
        let third = EventWriter::create(folder.path()).unwrap();
        assert_eq!(starts(&first.path), [(0, 2)]);
        assert_eq!(starts(&second.path), [(2, 1)]);
        assert!(starts(&third.path).is_empty());
        assert!(first.path < second.path && second.path < third.path);
    }
}
