use std::path::Path;

use selvedge_train::trainer::{PredictionRow, StatisticsRow};
use serde_json::Value;

use crate::rows::{read, read_one};
use crate::{About, Epoch, Findings, FirstLayer, HeldOut, ReportError, Result, Samples, Step};

/// What a run folder tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The name of the folder.
    pub name: String,
    /// The configuration, `config.json`.
    pub config: Value,
    /// What was trained, and where: `about.json`.
    pub about: About,
    /// `metrics.jsonl`.
    pub epochs: Vec<Epoch>,
    /// `steps.jsonl`.
    pub steps: Vec<Step>,
    /// `statistics.jsonl`: the parameters and their gradients, where the configuration asks for them.
    pub statistics: Vec<StatisticsRow>,
    /// `samples.json`: the images whose predictions are followed, where the configuration asks for it.
    pub samples: Option<Samples>,
    /// `predictions.jsonl`: what the network made of them after each epoch.
    pub predictions: Vec<PredictionRow>,
    /// `test.json`: what the test set tells about the model of the last epoch.
    pub findings: Option<Findings>,
    /// The weights of `model.safetensors` that see the image.
    pub first_layer: Option<FirstLayer>,
}

impl Run {
    /// Reads the files of a run folder. Only `config.json` has to be there: what is missing is left out of the page.
    ///
    /// # Errors
    ///
    /// Where there is a link in the folder; [`ReportError::NotARun`] where there is no `config.json`; [`ReportError::Format`] with the file, the line, and
    /// what was expected.
    pub fn read(directory: &Path) -> Result<Self> {
        let path = directory.to_path_buf();
        if !directory.is_dir() {
            return Err(ReportError::NotARun { path, reason: "there is no such folder" });
        }
        selvedge_atomic::refuse_links_in(directory)?;
        let Some(config) = read_one(&directory.join("config.json"), "a configuration")? else {
            return Err(ReportError::NotARun { path, reason: "it holds no config.json" });
        };
        let about: About =
            read_one(&directory.join("about.json"), "what a run is about")?.unwrap_or_default();
        let model = directory.join("model.safetensors");
        let first_layer = if model.is_file() { FirstLayer::read(&model, about.image)? } else { None };
        let full = std::path::absolute(directory).unwrap_or(path);
        Ok(Self {
            name: full.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            config,
            about,
            epochs: read(&directory.join("metrics.jsonl"), "what an epoch gave")?,
            steps: read(&directory.join("steps.jsonl"), "what some steps gave")?,
            statistics: read(&directory.join("statistics.jsonl"), "what the parameters are like")?,
            samples: read_one(&directory.join("samples.json"), "the images that are followed")?,
            predictions: read(&directory.join("predictions.jsonl"), "what some images were taken for")?,
            findings: read_one(&directory.join("test.json"), "what the test set tells")?,
            first_layer,
        })
    }

    /// Which images the epochs were measured with.
    #[must_use]
    pub fn held_out(&self) -> HeldOut {
        self.epochs.last().map_or_else(HeldOut::default, |row| row.measured.held_out())
    }
}
