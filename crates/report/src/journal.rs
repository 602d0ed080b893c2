use std::path::{Path, PathBuf};
use std::time::Instant;

use selvedge_data::Shape;
use selvedge_nn::{Forward, ModuleExt};
use selvedge_train::trainer::{Event, JsonLines};
use tch::{Kind, Tensor};

use crate::tensorboard::EventWriter;
use crate::{About, Epoch, Findings, FirstLayer, ReportError, Result, Step};

/// How many mistakes TensorBoard is shown.
const IMAGES: usize = 8;

/// Writes down what a training does, for the page: `about.json`, `steps.jsonl` and `test.json` in the run folder,
/// and TensorBoard's event files in its `tensorboard`.
///
/// It sums the losses on the device, and asks for their sum once in as many steps as a row stands for, so that the
/// training does not wait for it.
#[derive(Debug)]
pub struct Journal {
    directory: PathBuf,
    /// `steps.jsonl`.
    rows: JsonLines,
    /// How many steps a row stands for.
    every: usize,
    steps: u64,
    images_in_epoch: usize,
    images_done: usize,
    part: Part,
    events: EventWriter,
    image: Shape,
}

/// The steps since the last row.
#[derive(Debug)]
struct Part {
    began: Instant,
    steps: usize,
    images: usize,
    loss: Option<Tensor>,
}

impl Part {
    fn new() -> Self {
        Self { began: Instant::now(), steps: 0, images: 0, loss: None }
    }
}

impl Journal {
    /// Begins with `about.json`. A row of `steps.jsonl` stands for `every` steps, or for those that are left of an epoch.
    ///
    /// # Errors
    ///
    /// When the file can not be written.
    pub fn begin(directory: &Path, about: &About, every: usize) -> Result<Self> {
        write_json(&directory.join("about.json"), about)?;
        Ok(Self {
            directory: directory.to_path_buf(),
            rows: JsonLines::new(directory.join("steps.jsonl")),
            every: every.max(1),
            steps: 0,
            images_in_epoch: 0,
            images_done: 0,
            part: Part::new(),
            events: EventWriter::create(&directory.join("tensorboard"))?,
            image: about.image,
        })
    }

    /// Goes on after so many steps of a training that was interrupted: rows of later ones go, since they come again.
    ///
    /// # Errors
    ///
    /// When `steps.jsonl` can not be read or written.
    pub fn go_on_after(&mut self, steps: u64) -> Result<()> {
        self.steps = steps;
        self.rows.keep(|row: &Step| row.step <= steps)?;
        Ok(())
    }

    /// Takes part in what happens in a training, whose learning rate, of the first parameter group, is `lr`.
    ///
    /// # Errors
    ///
    /// When `steps.jsonl` can not be written.
    pub fn observe(&mut self, event: &Event<'_>, lr: f64) -> Result<()> {
        match *event {
            Event::EpochBegan { images, learnt, .. } => {
                (self.images_in_epoch, self.images_done) = (images, learnt);
                self.part = Part::new();
            }
            Event::Stepped { epoch, images, loss, .. } => {
                self.steps += 1;
                self.images_done += images;
                self.part.steps += 1;
                self.part.images += images;
                let loss = loss.to_kind(Kind::Double);
                self.part.loss = Some(match self.part.loss.take() {
                    Some(sum) => sum + loss,
                    None => loss,
                });
                if self.part.steps >= self.every || self.images_done >= self.images_in_epoch {
                    self.row(epoch, lr)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn row(&mut self, epoch: usize, lr: f64) -> Result<()> {
        let part = std::mem::replace(&mut self.part, Part::new());
        let Some(loss) = part.loss else { return Ok(()) };
        // The value before the time: to read it waits for the device.
        let loss = loss.double_value(&[]) / part.steps as f64;
        let row = Step {
            step: self.steps,
            epoch: epoch as f64 + self.images_done as f64 / self.images_in_epoch.max(1) as f64,
            loss,
            lr,
            images_per_second: part.images as f64 / part.began.elapsed().as_secs_f64(),
        };
        self.rows.append(&row)?;
        self.events.scalar("step/loss", row.loss, row.step)?;
        self.events.scalar("step/lr", row.lr, row.step)?;
        self.events.scalar("step/images_per_second", row.images_per_second, row.step)
    }

    /// Tells TensorBoard of an epoch: its figures, and how the parameters are spread.
    ///
    /// # Errors
    ///
    /// When the event file can not be written.
    pub fn epoch_ended(&mut self, row: &Epoch, model: &dyn Forward) -> Result<()> {
        let epoch = row.epoch as u64;
        let figures = [
            ("train_loss", row.train_loss),
            ("test_loss", row.test_loss),
            ("test_accuracy", row.test_accuracy),
            ("seconds", row.seconds),
        ];
        for (name, value) in figures {
            self.events.scalar(&format!("epoch/{name}"), value, epoch)?;
        }
        for (name, parameter) in model.named_parameters() {
            self.events.histogram(&format!("parameters/{name}"), &parameter, epoch)?;
        }
        Ok(())
    }

    /// Replaces `test.json`, which is about the model that was saved last, and shows TensorBoard the surest mistakes and
    /// the first layer.
    ///
    /// # Errors
    ///
    /// When the file can not be written.
    pub fn keep(&mut self, findings: &Findings, model: &dyn Forward) -> Result<()> {
        for (rank, mistake) in findings.mistakes.iter().take(IMAGES).enumerate() {
            self.events.image(&format!("mistakes/{}", rank + 1), &mistake.image, self.steps)?;
        }
        if let Some(layer) = FirstLayer::of_state(model.state_dict(), self.image) {
            self.events.image(&format!("first_layer/{}", layer.name), &layer.picture, self.steps)?;
        }
        write_json(&self.directory.join("test.json"), findings)
    }
}

fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string(value).map_err(|error| unwritable(path, error.into()))? + "\n";
    Ok(selvedge_atomic::write_atomically(path, text.as_bytes())?)
}

fn unwritable(path: &Path, source: std::io::Error) -> ReportError {
    ReportError::Write(selvedge_atomic::Error { action: "write", path: path.to_path_buf(), source })
}
