//! The logs that the configuration asks for, beside the journal.

use anyhow::Result;
use selvedge_data::Loader;
use selvedge_train::trainer::{JsonLines, MetricsLog, Observer, PredictionLog, StatisticsLog};

use crate::config::{Config, Predictions, Statistics};
use crate::run::Run;

/// The observers that write them.
pub(crate) struct Logs {
    evaluations: Option<MetricsLog>,
    statistics: Option<StatisticsLog>,
    predictions: Option<PredictionLog>,
}

impl Logs {
    /// Those of a run, whose logs end where it begins or resumes.
    pub(crate) fn of(config: &Config, run: &Run, held_out: &Loader) -> Result<Self> {
        let file = |name: &str| JsonLines::new(run.directory().join(name));
        let logs = &config.logs;
        let evaluations = match logs.evaluations {
            true => Some(MetricsLog { file: file("evaluations.jsonl") }),
            false => None,
        };
        let statistics = logs.statistics.as_ref().map(|&Statistics { every, gradients }| StatisticsLog {
            file: file("statistics.jsonl"),
            every,
            gradients,
        });
        let images =
            logs.predictions.as_ref().map(|Predictions { images }| held_out.image_count().min(*images));
        let batch =
            images.and_then(|images| held_out.batches_of((0..images).collect()).next()).transpose()?;
        let predictions = match batch {
            Some(batch) => Some(PredictionLog { file: file("predictions.jsonl"), images: batch.images }),
            None => None,
        };
        Ok(Self { evaluations, statistics, predictions })
    }

    /// Whether the rows that were written are still there.
    pub(crate) fn check(&self) -> Result<()> {
        let Self { evaluations, statistics, predictions } = self;
        let files = [
            evaluations.as_ref().map(|log| &log.file),
            statistics.as_ref().map(|log| &log.file),
            predictions.as_ref().map(|log| &log.file),
        ];
        Ok(files.into_iter().flatten().try_for_each(JsonLines::check)?)
    }

    pub(crate) fn observers(&mut self) -> Vec<&mut dyn Observer<anyhow::Error>> {
        let Self { evaluations, statistics, predictions } = self;
        let mut observers: Vec<&mut dyn Observer<anyhow::Error>> = Vec::new();
        observers.extend(evaluations.as_mut().map(|log| log as &mut dyn Observer<_>));
        observers.extend(statistics.as_mut().map(|log| log as &mut dyn Observer<_>));
        observers.extend(predictions.as_mut().map(|log| log as &mut dyn Observer<_>));
        observers
    }
}
