use selvedge_data::{Dataset, Loader};
use selvedge_nn::{Forward, Mode, NamedLayers};
use selvedge_train::Loss;
use selvedge_train::metric::{
    CalibrationError, ConfusionMatrix, F1, MeanLoss, Metric, Precision, Recall, Scores,
};
use tch::{IndexOp, Kind, Tensor};

use crate::{ClassScore, ConfidenceBin, Findings, ImageData, Mistake, Result};

/// How many mistakes are shown.
const MISTAKES: usize = 24;

/// Looks at outputs and labels, batch by batch, and says what they tell.
#[derive(Debug)]
pub struct Examination {
    loss: MeanLoss,
    confusion: ConfusionMatrix,
    calibration: CalibrationError,
    mistakes: Vec<Slip>,
    seen: usize,
}

/// A mistake without its image.
#[derive(Debug, Clone, Copy)]
struct Slip {
    index: usize,
    truth: usize,
    predicted: usize,
    confidence: f64,
    truth_probability: f64,
}

impl Examination {
    /// Before the first batch.
    ///
    /// # Panics
    ///
    /// When there are no classes.
    #[must_use]
    #[track_caller]
    pub fn new(classes: usize) -> Self {
        Self {
            loss: MeanLoss::default(),
            confusion: ConfusionMatrix::new(classes as i64),
            calibration: CalibrationError::new(10, Scores::Logits),
            mistakes: Vec::new(),
            seen: 0,
        }
    }

    /// Takes a batch into account: logits or log-probabilities `[N, C]`, labels `[N]`, and the mean loss of the batch.
    ///
    /// The batches have to come in the order of the test set, since an image is known by its number there.
    ///
    /// # Panics
    ///
    /// As [`Metric::update`].
    #[track_caller]
    pub fn update(&mut self, output: &Tensor, labels: &Tensor, loss: &Tensor) {
        let images = labels.size1().unwrap_or_default() as usize;
        self.loss.update(loss, images);
        self.confusion.update(output, labels);
        self.calibration.update(output, labels);
        self.keep_mistakes(output, labels);
        self.seen += images;
    }

    fn keep_mistakes(&mut self, output: &Tensor, labels: &Tensor) {
        let probabilities = output.detach().softmax(1, Kind::Double);
        let (confidence, predicted) = probabilities.max_dim(1, false);
        let wrong = predicted.ne_tensor(labels).nonzero().view([-1]);
        let (highest, order) = confidence.index_select(0, &wrong).sort(0, true);
        let highest = highest.to_device(tch::Device::Cpu);
        for rank in 0..highest.numel().min(MISTAKES) as i64 {
            let place = wrong.int64_value(&[order.int64_value(&[rank])]);
            let truth = labels.int64_value(&[place]);
            self.mistakes.push(Slip {
                index: self.seen + place as usize,
                truth: truth as usize,
                predicted: predicted.int64_value(&[place]) as usize,
                confidence: highest.double_value(&[rank]),
                truth_probability: probabilities.i((place, truth)).double_value(&[]),
            });
        }
        // Where two are as sure, the first image comes first, so that the same run gives the same page.
        self.mistakes.sort_by(|left, right| {
            right.confidence.total_cmp(&left.confidence).then(left.index.cmp(&right.index))
        });
        self.mistakes.truncate(MISTAKES);
    }

    /// What was seen, with the images of the mistakes from the data set.
    ///
    /// # Errors
    ///
    /// When an image can not be had.
    pub fn findings(&self, classes: &[&str], images: &dyn Dataset) -> Result<Findings> {
        let confusion = self.confusion.counts();
        let right: i64 = confusion.iter().enumerate().map(|(class, row)| row[class]).sum();
        let columns = (
            Precision::per_class_of(&self.confusion),
            Recall::per_class_of(&self.confusion),
            F1::per_class_of(&self.confusion),
        );
        let score = |class: usize| ClassScore {
            precision: columns.0[class],
            recall: columns.1[class],
            f1: columns.2[class],
            support: confusion[class].iter().sum::<i64>() as u64,
        };
        let mut mistakes = Vec::with_capacity(self.mistakes.len());
        for &Slip { index, truth, predicted, confidence, truth_probability } in &self.mistakes {
            if let Some(image) = ImageData::of(&images.sample(index)?) {
                mistakes.push(Mistake { index, truth, predicted, confidence, truth_probability, image });
            }
        }
        let bin = |bin: selvedge_train::metric::CalibrationBin| ConfidenceBin {
            count: bin.count,
            confidence: bin.confidence,
            accuracy: bin.accuracy,
        };
        Ok(Findings {
            classes: classes.iter().map(|&name| name.to_owned()).collect(),
            loss: self.loss.compute(),
            accuracy: right as f64 / self.seen as f64,
            scores: (0..confusion.len()).map(score).collect(),
            confusion,
            calibration_error: self.calibration.compute(),
            calibration: self.calibration.bins().into_iter().map(bin).collect(),
            mistakes,
        })
    }
}

/// What the images of `loader`, which has to go through them in order, tell about `model`, whose outputs are logits or
/// log-probabilities.
///
/// `loss` has to give the mean over a batch, as each loss does by default.
///
/// # Errors
///
/// When a batch can not be loaded.
pub fn examine(model: &dyn Forward, loss: &dyn Loss, loader: &Loader, classes: &[&str]) -> Result<Findings> {
    let (_no_grad, _names) = (tch::no_grad_guard(), NamedLayers::of(model));
    let mut examination = Examination::new(classes.len());
    for batch in loader.epoch(0) {
        let batch = batch?;
        let output = model.forward(&batch.images, Mode::Eval);
        examination.update(&output, &batch.labels, &loss.forward(&output, &batch.labels));
    }
    examination.findings(classes, loader.dataset())
}
