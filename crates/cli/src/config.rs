//! Everything that decides a training run: the sections, the file, and what is typed over it.

mod backend;
mod data;
mod logs;
mod patch;
mod section;
mod source;
#[cfg(test)]
mod tests;
mod unique;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use selvedge_nn::ModuleExt;
use selvedge_torch::DeviceChoice;
use selvedge_train::checkpoint::CheckpointOptions;
use selvedge_train::metric::Measures;
use selvedge_train::trainer::{FitOptions, MAX_THREADS};
use selvedge_train::{Adam, Averaging, NllLoss};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_path_to_error::Segment;
use tch::{Device, Kind, Tensor};
use thiserror::Error;

pub(crate) use backend::Backend;
pub(crate) use data::Data;
pub(crate) use logs::{Logs, Predictions, Statistics};
pub(crate) use source::Source;

use crate::network::Network;
use crate::session::CLASSES;
use crate::unit::{LossUnit, OptimizerUnit, RuleUnit, ScheduleUnit};

/// Everything that decides a training run. The run folder keeps it as `config.json`, and `--config` reads it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Which of the chapter's networks.
    pub(crate) model: Network,
    /// Decides the initial weights, the order of the images, their augmentation and the dropout.
    pub(crate) seed: u32,
    /// `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
    pub(crate) device: String,
    /// Threads of libtorch; where there is no number, a training takes the fastest.
    pub(crate) threads: Option<usize>,
    /// How libtorch computes, in the whole process.
    pub(crate) backend: Backend,
    /// The images, and how they become batches.
    pub(crate) data: Data,
    /// What the training makes small.
    pub(crate) loss: LossUnit,
    /// How the weights are changed.
    pub(crate) optimizer: OptimizerUnit,
    /// How the learning rate changes; not at all where there is none.
    pub(crate) schedule: Option<ScheduleUnit>,
    /// How long, how each step is made, and how the model is measured.
    pub(crate) fit: FitOptions,
    /// Averages of the weights, which are what is measured and kept; none where there is nothing.
    pub(crate) averaging: Option<Averaging>,
    /// Whether the averages are of the buffers, too, in place of copies of them.
    pub(crate) average_buffers: bool,
    /// When checkpoints are written, and which are kept.
    pub(crate) checkpoint: CheckpointOptions,
    /// What is written down beside the figures of the epochs.
    pub(crate) logs: Logs,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model: Network::Mlp,
            seed: 0,
            device: "auto".to_owned(),
            threads: None,
            backend: Backend::default(),
            data: Data::default(),
            loss: LossUnit::Nll(NllLoss::default()),
            optimizer: RuleUnit::Adam(Adam { lr: 3e-3, ..Adam::default() }).into(),
            schedule: None,
            // What the page of the run shows.
            fit: FitOptions {
                measures: Measures { bins: 10, mistakes: 24, ..Measures::default() },
                ..FitOptions::default()
            },
            averaging: None,
            average_buffers: false,
            checkpoint: CheckpointOptions::default(),
            logs: Logs::default(),
        }
    }
}

/// A configuration that no run can have: wrong usage, in place of a failure.
#[derive(Debug, Error)]
#[error("{}", crate::told(.0))]
pub(crate) struct Invalid(anyhow::Error);

impl From<anyhow::Error> for Invalid {
    fn from(error: anyhow::Error) -> Self {
        Self(error)
    }
}

impl Config {
    /// Reads a configuration file: some or all of the keys of [`Config`], in JSON.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        Self::default().patched([(&read_patch(path)?, &in_file(path))])
    }

    /// This configuration with patches over it, one after the other, each with the place that an error of it
    /// names.
    fn patched<'a>(&self, patches: impl IntoIterator<Item = (&'a Value, &'a String)>) -> Result<Self> {
        let known = serde_json::to_value(Self::default())?;
        let mut value = serde_json::to_value(self)?;
        let mut config = self.clone();
        for (patch, place) in patches {
            patch::lay_over(&mut value, patch, &known, "").with_context(|| place.clone())?;
            config = typed(&value).with_context(|| place.clone())?;
        }
        config.validate()?;
        Ok(config)
    }

    /// Refuses values that no run can have.
    fn validate(&self) -> Result<()> {
        self.fit.validate().context("\"fit\"")?;
        self.checkpoint.validate().context("\"checkpoint\"")?;
        self.logs.validate()?;
        if self.fit.measures.classes != CLASSES {
            let found = self.fit.measures.classes;
            bail!("\"fit.measures.classes\" has to be {CLASSES}, as many as each dataset has, found {found}");
        }
        if let Some(threads) = self.threads.filter(|threads| !(1..=MAX_THREADS).contains(threads)) {
            bail!("\"threads\" has to be from 1 to {MAX_THREADS}, found {threads}");
        }
        self.averaging.map_or(Ok(()), Averaging::validate).context("\"averaging\"")?;
        self.device.parse::<DeviceChoice>().context("\"device\"")?;
        let mixing = &self.fit.mixing;
        if (mixing.mix_up.is_some() || mixing.cut_mix.is_some()) && !self.loss.takes_probabilities() {
            bail!(
                "\"fit.mixing\" makes probabilities of the classes, which this \"loss\" does not take: use \
                 --set loss.type=CrossEntropyLoss"
            );
        }
        self.data.validate()?;
        self.loss.validate()?;
        // Options of units are refused where the units are made.
        let parameters = if self.optimizer.groups.is_empty() {
            // A matrix is a parameter that each rule takes.
            let matrix = Tensor::zeros([1, 1], (Kind::Float, Device::Cpu)).set_requires_grad(true);
            vec![("matrix".to_owned(), matrix)]
        } else {
            self.model.build().named_parameters()
        };
        let mut optimizer = self.optimizer.build(parameters)?;
        if let Some(schedule) = &self.schedule {
            schedule.build(&mut *optimizer)?;
        }
        Ok(())
    }
}

fn read_patch(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration {}", path.display()))?;
    // Editors of Windows begin a file with a mark of its byte order.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    unique::from_str(text).with_context(|| in_file(path))
}

fn in_file(path: &Path) -> String {
    format!("in the configuration {}", path.display())
}

/// The configuration of a value that has no unknown keys. A message names the key whose value is refused.
fn typed(value: &Value) -> Result<Config> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut path = error.path().to_string();
        let mut at = error.path().iter().fold(value, |value, segment| match segment {
            Segment::Map { key } => &value[key],
            Segment::Seq { index } => &value[*index],
            _ => value,
        });
        if let Some((key, found)) = refused_option(&path, at) {
            path = format!("{path}.{key}");
            at = found;
        }
        anyhow!("{path:?} can not be {at}: {}", error.into_inner())
    })
}

/// The first option of a unit that is refused when it is given alone.
fn refused_option<'a>(path: &str, unit: &'a Value) -> Option<(&'a String, &'a Value)> {
    unit.as_object()?.iter().filter(|(key, _)| *key != "type").find(|(key, option)| {
        let alone = json!({ "type": unit["type"], *key: option });
        let config = path.rsplit('.').fold(alone, |value, key| json!({ key: value }));
        unit.get("type").is_some()
            && serde_json::from_value::<Config>(config)
                .is_err_and(|error| !error.to_string().starts_with("missing"))
    })
}

/// What every command that trains can be told about its configuration.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The network [default: mlp]
    #[arg(long, value_enum)]
    model: Option<Network>,
    /// The optimizer's learning rate; optimizer.lr [default: 0.003]
    #[arg(long, allow_negative_numbers = true, value_parser = finite)]
    lr: Option<f64>,
    /// Images in a batch; data.batch_size [default: 64]
    #[arg(long)]
    batch_size: Option<usize>,
    /// Passes over the training set; fit.epochs [default: 10]
    #[arg(long)]
    epochs: Option<u64>,
    /// Decides the initial weights, the order of the images and the dropout [default: 0]
    #[arg(long)]
    seed: Option<u32>,
    /// auto, cpu, cuda, cuda:N or mps [default: auto]
    #[arg(long)]
    device: Option<String>,
    /// Threads of libtorch [default: a training takes the fastest]
    #[arg(long)]
    threads: Option<usize>,
    /// The folder of the images' files; data.folder [default: the system's, or the cache]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// A file with any of the options, as the config.json of a run; what is given here goes before it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Any option by its place in the configuration, such as optimizer.lr=0.01 or optimizer.type=SGD
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

/// The beginning of what was typed, which may be long.
fn shortened(typed: &str) -> String {
    match typed.char_indices().nth(200) {
        Some((end, _)) => format!("{}...", &typed[..end]),
        None => typed.to_owned(),
    }
}

/// JSON, which a run folder keeps, has no other numbers.
fn finite(typed: &str) -> Result<f64, String> {
    match typed.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err("expected a finite number".to_owned()),
    }
}

impl Arguments {
    /// The defaults, under the file, under what was typed.
    pub(crate) fn config(&self) -> Result<Config> {
        let file =
            self.config.as_deref().map(|path| Ok::<_, anyhow::Error>((read_patch(path)?, in_file(path))));
        let file = file.transpose()?;
        let typed = self.patch()?;
        let typed = (!typed.is_null()).then(|| (typed, "in what was typed".to_owned()));
        Config::default().patched(file.iter().chain(&typed).map(|(patch, place)| (patch, place)))
    }

    /// What was typed.
    fn patch(&self) -> Result<Value> {
        let mut patch = Value::Null;
        let shortcuts = [
            ("model", self.model.map(serde_json::to_value).transpose()?),
            ("optimizer.lr", self.lr.map(Value::from)),
            ("data.batch_size", self.batch_size.map(Value::from)),
            ("fit.epochs", self.epochs.map(Value::from)),
            ("seed", self.seed.map(Value::from)),
            ("device", self.device.clone().map(Value::from)),
            ("threads", self.threads.map(Value::from)),
            ("data.folder", self.data_dir.as_deref().map(crate::path::to_json)),
        ];
        for (path, value) in shortcuts {
            if let Some(value) = value {
                patch::join(&mut patch, patch::at(path, value));
            }
        }
        for assignment in &self.set {
            let assigned = patch::of_assignment(assignment)
                .with_context(|| format!("--set {}", shortened(assignment)))?;
            patch::join(&mut patch, assigned);
        }
        Ok(patch)
    }
}
