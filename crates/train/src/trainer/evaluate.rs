use selvedge_data::Loader;
use selvedge_nn::{Forward, Mode, NamedLayers};
use tch::{Kind, Tensor};

use crate::Loss;
use crate::metric::ConfusionMatrix;

/// What [`evaluate`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The mean loss of an image.
    pub loss: f64,
    /// The share of the images whose class has the highest value.
    pub accuracy: f64,
    /// How often each class (row) was taken for each (column).
    pub confusion: Vec<Vec<i64>>,
}

/// The loss and accuracy of `model` on the images of `loader`, in [`Mode::Eval`] and without gradients.
///
/// `loss` has to give the mean over a batch, as each loss does by default.
///
/// # Errors
///
/// When a batch can not be loaded.
pub fn evaluate(
    model: &dyn Forward,
    loss: &dyn Loss,
    loader: &Loader,
    classes: i64,
) -> Result<Evaluation, selvedge_data::Error> {
    let _no_grad = tch::no_grad_guard();
    let _names = NamedLayers::of(model);
    let mut total = Tensor::zeros([], (Kind::Double, loader.device()));
    let mut confusion = ConfusionMatrix::new(classes);
    let mut images = 0;
    for batch in loader.epoch(0) {
        let batch = batch?;
        let output = model.forward(&batch.images, Mode::Eval);
        total += loss.forward(&output, &batch.labels) * batch.len() as f64;
        confusion.update(&output, &batch.labels);
        images += batch.len();
    }
    let confusion = confusion.counts();
    let right: i64 = confusion.iter().enumerate().map(|(class, row)| row[class]).sum();
    Ok(Evaluation {
        loss: total.double_value(&[]) / images as f64,
        accuracy: right as f64 / images as f64,
        confusion,
    })
}

/// The output of `model` for `images`, in [`Mode::Eval`] and without gradients.
#[track_caller]
pub fn predict(model: &dyn Forward, images: &Tensor) -> Tensor {
    let (_no_grad, _names) = (tch::no_grad_guard(), NamedLayers::of(model));
    model.forward(images, Mode::Eval)
}
