//! Metrics over all batches of an epoch, exact whatever the size of the batches.
//!
//! They accumulate on the device of what they are shown and wait for it only when they are read, so that an
//! update costs no synchronisation. Their figures are scikit-learn's.
//!
//! Any metric of scores with a NaN is NaN, as is a metric without samples.
//!
//! The outputs are scores, a row `[C]` for each sample or `[N, C, d1, ...]` for maps, where a higher score
//! means a likelier class; metrics of probabilities are told by [`Scores`] what the scores are.

mod accuracy;
mod average;
mod average_precision;
mod brier;
mod calibration_error;
mod class_figures;
mod class_score;
mod classification;
mod confusion_matrix;
mod log_loss;
mod mean;
mod mean_loss;
mod ranking;
mod roc_auc;
mod samples;
mod scores;
mod surest_mistakes;
mod top_k;
pub(crate) mod undefined;

use tch::Tensor;

pub use accuracy::Accuracy;
pub use average::Average;
pub use average_precision::AveragePrecision;
pub use brier::Brier;
pub use calibration_error::{CalibrationBin, CalibrationError};
pub use class_figures::ClassFigures;
pub use class_score::{F1, Precision, Recall};
pub use classification::{Classification, Measures, TopKAccuracy};
pub use confusion_matrix::ConfusionMatrix;
pub use log_loss::LogLoss;
pub use mean_loss::MeanLoss;
pub use roc_auc::RocAuc;
pub use scores::Scores;
pub use surest_mistakes::{Mistake, SurestMistakes};
pub use top_k::TopK;

/// A figure over all outputs and targets shown since the start or the last [`Metric::reset`].
pub trait Metric {
    /// Takes a batch into account.
    ///
    /// # Panics
    ///
    /// When the sizes or kinds of the tensors are not what the metric takes, or on the CPU when a target is
    /// out of range.
    #[track_caller]
    fn update(&mut self, output: &Tensor, target: &Tensor);

    /// The figure. NaN where it is not defined, such as before the first batch.
    fn compute(&self) -> f64;

    /// Forgets all batches.
    fn reset(&mut self);
}
