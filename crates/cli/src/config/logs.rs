use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

/// What a run writes down beside the figures of its epochs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Logs {
    /// Whether every figure of every evaluation goes into `evaluations.jsonl`.
    pub(crate) evaluations: bool,
    /// What the parameters and their gradients are like, in `statistics.jsonl`; not where there is nothing.
    pub(crate) statistics: Option<Statistics>,
    /// What the network makes of some images, in `predictions.jsonl`; not where there is nothing.
    pub(crate) predictions: Option<Predictions>,
}

/// When the statistics are written, and of what.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Statistics {
    /// After so many updates.
    pub(crate) every: u64,
    /// Whether of the gradients, too.
    pub(crate) gradients: bool,
}

impl Default for Logs {
    fn default() -> Self {
        Self { evaluations: false, statistics: None, predictions: Some(Predictions::default()) }
    }
}

impl Default for Statistics {
    fn default() -> Self {
        Self { every: 100, gradients: true }
    }
}

/// Which images are predicted at the end of each epoch.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Predictions {
    /// The first so many of those that are held out.
    pub(crate) images: usize,
}

impl Default for Predictions {
    fn default() -> Self {
        Self { images: 16 }
    }
}

impl Logs {
    pub(super) fn validate(&self) -> Result<()> {
        if self.statistics.as_ref().is_some_and(|statistics| statistics.every == 0) {
            bail!("\"logs.statistics.every\" has to be at least 1, found 0");
        }
        if let Some(Predictions { images }) =
            self.predictions.as_ref().filter(|it| !(1..=256).contains(&it.images))
        {
            bail!("\"logs.predictions.images\" has to be from 1 to 256, found {images}");
        }
        Ok(())
    }
}
