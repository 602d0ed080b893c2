use serde::{Deserialize, Serialize};

/// What some steps in a row gave: a line of `steps.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The last of the steps, from 1 over the whole training.
    pub step: u64,
    /// How many epochs are done by then, with their fraction.
    pub epoch: f64,
    /// The mean loss of the steps.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub loss: f64,
    /// The learning rate of the first parameter group in the last of the steps.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub lr: f64,
    /// Images learnt in a second.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub images_per_second: f64,
}

impl Step {
    /// What TensorBoard is shown of it, by tag.
    pub(crate) fn scalars(&self) -> [(&'static str, f64); 3] {
        [("step/loss", self.loss), ("step/lr", self.lr), ("step/images_per_second", self.images_per_second)]
    }
}
