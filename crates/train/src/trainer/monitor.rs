use serde::{Deserialize, Serialize};

use super::Evaluation;

/// The figure of an [`Evaluation`] that says how good a model is: it decides which checkpoint is the best, when to
/// stop early, and what a plateau is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Monitor {
    /// The mean loss, less is better; the default.
    #[default]
    Loss,
    /// The accuracy, more is better.
    Accuracy,
    /// The mean over the classes of F1, more is better.
    F1,
    /// The mean over the classes of the area under the ROC, more is better.
    RocAuc,
    /// The log loss, less is better.
    LogLoss,
    /// The Brier score, less is better.
    Brier,
}

impl Monitor {
    /// The figure.
    #[must_use]
    pub fn of(self, evaluation: &Evaluation) -> f64 {
        match self {
            Self::Loss => evaluation.loss,
            Self::Accuracy => evaluation.accuracy,
            Self::F1 => evaluation.f1.macro_average,
            Self::RocAuc => evaluation.roc_auc.macro_average,
            Self::LogLoss => evaluation.log_loss,
            Self::Brier => evaluation.brier,
        }
    }

    /// Whether `figure` is better than `best` by more than `by`. A figure that is NaN or infinite is never better, and any
    /// other is better than nothing.
    #[must_use]
    pub fn is_better(self, figure: f64, best: Option<f64>, by: f64) -> bool {
        // Training to an infinite loss is broken, whatever its sign; and neither NaN nor infinity goes into a file.
        if !figure.is_finite() {
            return false;
        }
        match (self, best.filter(|best| best.is_finite())) {
            (_, None) => true,
            (Self::Loss | Self::LogLoss | Self::Brier, Some(best)) => figure < best - by,
            (Self::Accuracy | Self::F1 | Self::RocAuc, Some(best)) => figure > best + by,
        }
    }
}
