use serde::{Deserialize, Serialize};

/// What an epoch gave: a line of `metrics.jsonl`.
///
/// A number that is not finite is written as `null`, and read as NaN. Other keys in the line are left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// From 1.
    pub epoch: usize,
    /// The mean of the steps' losses, as the chapter prints it.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub train_loss: f64,
    /// The mean over the images of the test set.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub test_loss: f64,
    /// The share of the test set that is recognised.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub test_accuracy: f64,
    /// Of training, without the test.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub seconds: f64,
}
