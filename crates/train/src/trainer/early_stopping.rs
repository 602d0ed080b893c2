use serde::{Deserialize, Serialize};

use super::Monitor;
use crate::TrainError;
use crate::domain::Domain;

/// Ends a training that does not get better any more.
///
/// ```
/// use selvedge_train::trainer::{EarlyStopping, Monitor, Patience};
///
/// let early_stopping = EarlyStopping { patience: 2, min_delta: 0.01 };
/// let mut patience = Patience::default();
/// let accuracies = [0.80, 0.85, 0.855, 0.84, 0.83];
/// let ends = accuracies.map(|figure| early_stopping.ends(&mut patience, Monitor::Accuracy, figure));
/// assert_eq!(ends, [false, false, false, true, true]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EarlyStopping {
    /// How many evaluations in a row may be no better than the best, positive. Default: 3.
    pub patience: u64,
    /// By how much a figure has to be better to count, not negative. Default: 0.
    pub min_delta: f64,
}

/// What [`EarlyStopping`] has seen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patience {
    /// The best figure.
    pub best: Option<f64>,
    /// How many evaluations were no better since.
    pub waited: u64,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self { patience: 3, min_delta: 0.0 }
    }
}

impl EarlyStopping {
    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> Result<(), TrainError> {
        const DOMAIN: Domain = Domain("EarlyStopping");
        DOMAIN.require(self.patience > 0, "patience", "a number from 1 on", self.patience)?;
        DOMAIN.not_negative(&[("min_delta", self.min_delta)])
    }

    /// Takes in the figure of an evaluation, and tells whether the training is to end.
    pub fn ends(&self, patience: &mut Patience, monitor: Monitor, figure: f64) -> bool {
        if monitor.is_better(figure, patience.best, self.min_delta) {
            *patience = Patience { best: Some(figure), waited: 0 };
        } else {
            patience.waited += 1;
        }
        patience.waited >= self.patience
    }
}
