use selvedge_data::Loader;
use selvedge_nn::plan::Inference;
use selvedge_nn::{Forward, Mode, NamedLayers};
use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::Loss;
use crate::metric::{
    CalibrationBin, ClassFigures, Classification, MeanLoss, Measures, Mistake, TopKAccuracy, undefined,
};

/// What [`evaluate`] found. A figure that is not defined is NaN, and `null` in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// How many images there were.
    pub images: usize,
    /// The mean loss of an image.
    #[serde(with = "undefined")]
    pub loss: f64,
    /// The share of the images whose class has the highest value.
    #[serde(with = "undefined")]
    pub accuracy: f64,
    /// The share of the images whose class is among those with the highest values.
    pub top_k: Vec<TopKAccuracy>,
    /// How often each class (row) was taken for each (column).
    pub confusion: Vec<Vec<i64>>,
    /// The share of what was taken for a class that is of it.
    pub precision: ClassFigures,
    /// The share of a class that was taken for it.
    pub recall: ClassFigures,
    /// The harmonic mean of precision and recall.
    pub f1: ClassFigures,
    /// The area under the receiver operating characteristic, each class against the rest.
    pub roc_auc: ClassFigures,
    /// The precision averaged over the recall, each class against the rest.
    pub average_precision: ClassFigures,
    /// The mean of `-ln p(class)`.
    #[serde(with = "undefined")]
    pub log_loss: f64,
    /// The mean squared error of the probabilities.
    #[serde(with = "undefined")]
    pub brier: f64,
    /// By how much the confidence differs from the accuracy.
    #[serde(with = "undefined")]
    pub calibration_error: f64,
    /// The bins that the calibration error is of.
    pub calibration: Vec<CalibrationBin>,
    /// The surest mistakes, as many as [`Measures::mistakes`] asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<Mistake>,
}

/// Every figure of `model` on the images of `loader`, in [`Mode::Eval`] and without gradients.
///
/// `loss` has to give the mean over a batch, as each loss does by default. `measures` is the number of classes,
/// or [`Measures`] with more than that.
///
/// # Errors
///
/// When a batch can not be loaded.
///
/// # Panics
///
/// When the outputs are not scores of so many classes.
#[track_caller]
pub fn evaluate(
    model: &dyn Forward,
    loss: &dyn Loss,
    loader: &Loader,
    measures: impl Into<Measures>,
) -> Result<Evaluation, selvedge_data::Error> {
    let _no_grad = tch::no_grad_guard();
    let _names = NamedLayers::of(model);
    let mut inference = Inference::of(model);
    let mut mean_loss = MeanLoss::default();
    let mut measured = Classification::new(measures.into());
    let mut images = 0;
    for batch in loader.epoch(0) {
        let batch = batch?;
        let output = inference.run(&batch.images);
        mean_loss.update(&loss.forward(&output, &batch.labels), batch.len());
        measured.update(&output, &batch.labels);
        images += batch.len();
    }
    let [roc_auc, average_precision] = measured.areas();
    let (calibration_error, calibration) = measured.calibration();
    Ok(Evaluation {
        images,
        loss: mean_loss.compute(),
        accuracy: measured.accuracy(),
        top_k: measured.top_k(),
        confusion: measured.confusion.counts(),
        precision: measured.precision(),
        recall: measured.recall(),
        f1: measured.f1(),
        roc_auc,
        average_precision,
        log_loss: measured.log_loss(),
        brier: measured.brier(),
        calibration_error,
        calibration,
        mistakes: measured.mistakes().to_vec(),
    })
}

/// The output of `model` for `images`, in [`Mode::Eval`] and without gradients.
#[track_caller]
pub fn predict(model: &dyn Forward, images: &Tensor) -> Tensor {
    let (_no_grad, _names) = (tch::no_grad_guard(), NamedLayers::of(model));
    model.forward(images, Mode::Eval)
}
