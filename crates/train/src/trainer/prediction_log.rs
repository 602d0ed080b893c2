use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::{Event, JsonLines, Observer, Training, predict};
use crate::TrainError;
use crate::metric::undefined;

/// Writes what the network makes of some images into a file, a line at the end of each epoch.
#[derive(Debug)]
pub struct PredictionLog {
    /// Where to.
    pub file: JsonLines,
    /// The images, as the network takes them.
    pub images: Tensor,
}

/// A line of a [`PredictionLog`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictionRow {
    /// The updates before it.
    pub step: u64,
    /// For each image, the class with the highest value.
    pub classes: Vec<i64>,
    /// Its share after a softmax; NaN where the network gives none, which is `null` in a file.
    #[serde(serialize_with = "undefined::serialize_each", deserialize_with = "undefined::deserialize_each")]
    pub confidences: Vec<f64>,
}

impl<E: From<TrainError>> Observer<E> for PredictionLog {
    fn observe(&mut self, event: &Event<'_>, training: &Training<'_>) -> Result<ControlFlow<()>, E> {
        if let Event::EpochEnded { .. } = event {
            let shares = predict(training.evaluated(), &self.images).softmax(1, Kind::Float);
            let (confidences, classes) = shares.max_dim(1, false);
            let (mut of_classes, mut of_shares) = (vec![0; classes.numel()], vec![0.0; classes.numel()]);
            classes.copy_data(&mut of_classes, classes.numel());
            confidences.to_kind(Kind::Double).copy_data(&mut of_shares, classes.numel());
            let row = PredictionRow { step: training.step(), classes: of_classes, confidences: of_shares };
            self.file.append(&row)?;
        }
        Ok(ControlFlow::Continue(()))
    }
}
