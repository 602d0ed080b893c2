use serde::{Deserialize, Serialize};

use crate::Measured;

/// What an epoch gave: a line of `metrics.jsonl`.
///
/// A number that is not finite is written as `null`, and read as NaN. Other keys in the line are left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// From 1.
    pub epoch: usize,
    /// The updates of the whole training by its end.
    #[serde(default)]
    pub step: u64,
    /// The mean of the steps' losses, as the chapter prints it.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub train_loss: f64,
    /// What the images that are held out gave: `test_loss` and `test_accuracy`, or `validation_loss` and
    /// `validation_accuracy`.
    #[serde(flatten)]
    pub measured: Measured,
    /// Of training, without the measuring.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub seconds: f64,
}

impl Epoch {
    /// What TensorBoard is shown of it, by tag.
    pub(crate) fn scalars(&self) -> [(String, f64); 4] {
        let word = self.measured.held_out().word();
        [
            ("epoch/train_loss".to_owned(), self.train_loss),
            (format!("epoch/{word}_loss"), self.measured.loss()),
            (format!("epoch/{word}_accuracy"), self.measured.accuracy()),
            ("epoch/seconds".to_owned(), self.seconds),
        ]
    }
}
