use std::path::Path;

use selvedge_data::Dataset;
use selvedge_train::metric::{CalibrationBin, Mistake};
use selvedge_train::trainer::Evaluation;
use serde::{Deserialize, Serialize};

use crate::journal::write_json;
use crate::{ImageData, Result};

/// What the test set tells about a network: `test.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    /// The names of the classes by number.
    pub classes: Vec<String>,
    /// The mean loss of an image.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub loss: f64,
    /// The share of the images whose class has the highest probability.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub accuracy: f64,
    /// How often each class (row) was taken for each (column).
    pub confusion: Vec<Vec<i64>>,
    /// For each class.
    pub scores: Vec<ClassScore>,
    /// By how much the confidence differs from the accuracy, from 0 to 1.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub calibration_error: f64,
    /// The images by their confidence, in bins of equal width from 0 to 1.
    pub calibration: Vec<CalibrationBin>,
    /// The wrong predictions of the highest probability, the highest first.
    pub mistakes: Vec<PicturedMistake>,
}

impl Findings {
    /// What an evaluation on all of `images`, in their order, found, with those of its mistakes.
    ///
    /// # Errors
    ///
    /// When an image can not be had.
    pub fn of(evaluation: &Evaluation, classes: &[&str], images: &dyn Dataset) -> Result<Self> {
        let score = |class: usize| ClassScore {
            precision: evaluation.precision.per_class[class],
            recall: evaluation.recall.per_class[class],
            f1: evaluation.f1.per_class[class],
            support: evaluation.confusion[class].iter().sum::<i64>() as u64,
        };
        let mut mistakes = Vec::with_capacity(evaluation.mistakes.len());
        for mistake in &evaluation.mistakes {
            if let Some(image) = ImageData::of(&images.sample(mistake.index)?) {
                mistakes.push(PicturedMistake { mistake: *mistake, image });
            }
        }
        Ok(Self {
            classes: classes.iter().map(|&name| name.to_owned()).collect(),
            loss: evaluation.loss,
            accuracy: evaluation.accuracy,
            scores: (0..evaluation.confusion.len()).map(score).collect(),
            confusion: evaluation.confusion.clone(),
            calibration_error: evaluation.calibration_error,
            calibration: evaluation.calibration.clone(),
            mistakes,
        })
    }
}

impl Findings {
    /// Replaces `test.json` in a run folder.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write(&self, directory: &Path) -> Result<()> {
        write_json(&directory.join("test.json"), self)
    }
}

/// How well one class is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassScore {
    /// The share of what was taken for the class that is of it.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub precision: f64,
    /// The share of the class that was taken for it.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub recall: f64,
    /// The harmonic mean of the two.
    #[serde(deserialize_with = "crate::number::or_nan")]
    pub f1: f64,
    /// Images of the class.
    pub support: u64,
}

/// An image that was taken for another class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PicturedMistake {
    /// Which image it is, and what it was taken for.
    #[serde(flatten)]
    pub mistake: Mistake,
    /// What it looks like.
    pub image: ImageData,
}
