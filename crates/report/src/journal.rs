use std::path::{Path, PathBuf};
use std::time::Instant;

use selvedge_data::Shape;
use selvedge_nn::{Forward, ModuleExt};
use selvedge_train::trainer::{DamagedRow, Event, JsonLines, Training};

use crate::tensorboard::EventWriter;
use crate::{About, Epoch, Findings, FirstLayer, ReportError, Result, Samples, Step};

/// How many mistakes TensorBoard is shown.
const IMAGES: usize = 8;

/// Writes down what a training does, for the page: `about.json`, `samples.json`, `steps.jsonl` and `test.json` in the run
/// folder, and TensorBoard's event files in its `tensorboard`.
///
/// It reads a loss once in as many steps as [`FitOptions::log_every`](selvedge_train::trainer::FitOptions::log_every)
/// says, so that the training does not wait for it.
#[derive(Debug)]
pub struct Journal {
    directory: PathBuf,
    /// `steps.jsonl`.
    rows: JsonLines,
    events: EventWriter,
    image: Shape,
    /// The updates so far, and those before this process.
    step: u64,
    began_after: u64,
    /// What the rate of the images is of.
    images_in_epoch: usize,
    learnt: usize,
    began: Instant,
}

impl Journal {
    /// Begins with `about.json`.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn begin(directory: &Path, about: &About) -> Result<Self> {
        write_json(&directory.join("about.json"), about)?;
        Ok(Self {
            directory: directory.to_path_buf(),
            rows: JsonLines::new(directory.join("steps.jsonl")),
            events: EventWriter::create(&directory.join("tensorboard"))?,
            image: about.image,
            step: 0,
            began_after: 0,
            images_in_epoch: 0,
            learnt: 0,
            began: Instant::now(),
        })
    }

    /// Writes `samples.json`, the images that a [`PredictionLog`](selvedge_train::trainer::PredictionLog) is of.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn follow(&self, samples: &Samples) -> Result<()> {
        write_json(&self.directory.join("samples.json"), samples)
    }

    /// Resumes after so many steps of a training that was interrupted: rows of later ones are removed, and TensorBoard is
    /// told to forget them, since they come again. Returns the rows of `steps.jsonl` that could not be read; they are kept
    /// beside it.
    ///
    /// # Errors
    ///
    /// When `steps.jsonl` cannot be read or written, or the event file not written.
    pub fn go_on_after(&mut self, step: u64) -> Result<Vec<DamagedRow>> {
        (self.step, self.began_after) = (step, step);
        let kept = self.rows.keep(|row: &Step| row.step <= step)?;
        self.events.purge_from(step + 1)?;
        Ok(kept.damaged)
    }

    /// Whether the rows that were written are still there.
    ///
    /// # Errors
    ///
    /// When another program removed or changed `steps.jsonl` since the last row.
    pub fn check(&self) -> Result<()> {
        Ok(self.rows.check()?)
    }

    /// Takes part in what happens in a training.
    ///
    /// # Errors
    ///
    /// When `steps.jsonl` or the event file cannot be written.
    pub fn observe(&mut self, event: &Event<'_>, training: &Training<'_>) -> Result<()> {
        self.step = training.step();
        match *event {
            Event::EpochBegan { images, learnt, .. } => {
                (self.images_in_epoch, self.learnt, self.began) = (images, learnt, Instant::now());
            }
            Event::Logged { epoch, learnt, loss, .. } => {
                // The value before the time: to read it waits for the device.
                let loss = loss.double_value(&[]);
                let images = learnt.saturating_sub(self.learnt) as f64;
                let row = Step {
                    step: self.step,
                    epoch: epoch as f64 + learnt as f64 / self.images_in_epoch.max(1) as f64,
                    loss,
                    lr: training.optimizer.group_lr(0),
                    images_per_second: images / self.began.elapsed().as_secs_f64(),
                };
                (self.learnt, self.began) = (learnt, Instant::now());
                self.rows.append(&row)?;
                for (tag, value) in row.scalars() {
                    self.events.scalar(tag, value, row.step)?;
                }
                for group in 1..training.optimizer.group_count() {
                    let lr = training.optimizer.group_lr(group);
                    self.events.scalar(&format!("step/lr_of_group_{group}"), lr, row.step)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Tells TensorBoard of an epoch, at its last step: its figures, and how the parameters are spread.
    ///
    /// # Errors
    ///
    /// When the event file cannot be written.
    pub fn epoch_ended(&mut self, row: &Epoch, model: &dyn Forward) -> Result<()> {
        for (tag, value) in row.scalars() {
            self.events.scalar(&tag, value, row.step)?;
        }
        for (name, parameter) in model.named_parameters() {
            self.events.histogram(&format!("parameters/{name}"), &parameter, row.step)?;
        }
        Ok(())
    }

    /// Replaces `test.json`, which is about the model that was saved last, and shows TensorBoard the surest mistakes and
    /// the first layer.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn keep(&mut self, findings: &Findings, model: &dyn Forward) -> Result<()> {
        findings.write(&self.directory)?;
        // Where nothing was trained since, the file before has shown them.
        if self.step > 0 && self.step == self.began_after {
            return Ok(());
        }
        for (rank, mistake) in findings.mistakes.iter().take(IMAGES).enumerate() {
            self.events.image(&format!("mistakes/{}", rank + 1), &mistake.image, self.step)?;
        }
        if let Some(layer) = FirstLayer::of_state(model.state_dict(), self.image) {
            self.events.image(&format!("first_layer/{}", layer.name), &layer.picture, self.step)?;
        }
        Ok(())
    }
}

pub(crate) fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string(value).map_err(|error| unwritable(path, error.into()))? + "\n";
    Ok(selvedge_atomic::write_atomically(path, text.as_bytes())?)
}

fn unwritable(path: &Path, source: std::io::Error) -> ReportError {
    ReportError::Write(selvedge_atomic::Error { action: "write", path: path.to_path_buf(), source })
}
