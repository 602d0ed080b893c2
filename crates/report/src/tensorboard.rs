//! Event files for TensorBoard.
//!
//! No crate that writes them is kept: those there are have had no release since 2022 and 2023. The format is small, the framing of
//! TensorFlow's records around four messages, so it is written here, with prost for the messages.

mod histogram;
mod message;
mod record;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use tch::Tensor;

use crate::{ImageData, ReportError, Result};
use message::{Event, Image, SessionLog, Summary, Value, What};

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
    /// When the directory or the file can not be made.
    pub fn create(directory: &Path) -> Result<Self> {
        let failed = |path: &Path| {
            let path = path.to_path_buf();
            |source| ReportError::from(selvedge_atomic::Error { action: "create", path, source })
        };
        fs::create_dir_all(directory).map_err(failed(directory))?;
        let (seconds, process) = (now() as u64, std::process::id());
        let there = fs::read_dir(directory).map_err(failed(directory))?.count();
        for number in there.. {
            // TensorBoard reads the files of a directory in the order of their names.
            let name = format!("events.out.tfevents.{seconds:010}.{number:04}.selvedge.{process}");
            let path = directory.join(name);
            match OpenOptions::new().create_new(true).append(true).open(&path) {
                Ok(file) => {
                    let mut writer = Self { path, file };
                    writer.write(0, What::FileVersion("brain.Event:2".to_owned()))?;
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
    /// When the file can not be written.
    pub fn purge_from(&mut self, step: u64) -> Result<()> {
        self.write(step, What::SessionLog(SessionLog { status: SessionLog::START }))
    }

    /// A number, which TensorBoard keeps as an `f32`.
    ///
    /// # Errors
    ///
    /// When the file can not be written.
    pub fn scalar(&mut self, tag: &str, value: f64, step: u64) -> Result<()> {
        self.value(step, Value { simple_value: Some(value as f32), ..Value::named(tag) })
    }

    /// How the values of a tensor are spread. Nothing is written of a tensor without finite values.
    ///
    /// # Errors
    ///
    /// When the file can not be written.
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
    /// When the file can not be written.
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
