use std::time::Duration;

use selvedge_data::LoaderState;
use serde::{Deserialize, Serialize};

use super::{Patience, RecentLosses, exact};

/// How far a training has come: with the states of what it trains, all that is needed to go on as if it had never
/// stopped.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The epoch and its next batch.
    pub loader: LoaderState,
    /// The updates of all epochs, those among them that were left out because their gradients had overflowed.
    pub step: u64,
    /// The updates of this epoch.
    pub epoch_steps: u64,
    /// The sum of their losses.
    #[serde(with = "exact")]
    pub running_loss: f64,
    /// Those of the updates that [`Event::Logged`](super::Event::Logged) has not told yet.
    pub recent: RecentLosses,
    /// How long this epoch has trained, in seconds.
    pub epoch_seconds: f64,
    /// How long the training has gone on, evaluations included.
    pub seconds: f64,
    /// The best evaluation so far.
    pub best: Option<Best>,
    /// What early stopping has seen.
    pub patience: Patience,
}

impl Position {
    /// Refuses what no training has come to, with the key, what was expected and found: counts that would overflow as it
    /// goes on, and times that are none.
    pub(crate) fn check(&self) -> Result<(), String> {
        const MOST: u64 = 1 << 53;
        let counts = [
            ("loader.epoch", self.loader.epoch),
            ("loader.batch", self.loader.batch as u64),
            ("step", self.step),
            ("epoch_steps", self.epoch_steps),
            ("recent.steps", self.recent.steps),
            ("recent.images", self.recent.images as u64),
            ("patience.waited", self.patience.waited),
        ];
        if let Some((key, found)) = counts.into_iter().find(|(_, found)| *found > MOST) {
            return Err(format!("position.{key} is {found}, expected at most 2^53"));
        }
        let times = [("epoch_seconds", self.epoch_seconds), ("seconds", self.seconds)];
        match times.into_iter().find(|(_, found)| Duration::try_from_secs_f64(*found).is_err()) {
            Some((key, found)) => {
                Err(format!("position.{key} is {found}, expected a number of seconds from 0 on"))
            }
            None => Ok(()),
        }
    }
}

/// An evaluation that none was better than.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Best {
    /// The epoch that it was in or at the end of, from 0.
    pub epoch: u64,
    /// The updates before it.
    pub step: u64,
    /// The figure that is monitored.
    pub figure: f64,
}
