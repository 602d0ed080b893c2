use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::{Metric, Scores, mean::wide, samples, undefined};

/// The expected calibration error: by how much the confidence, the highest probability, differs from the
/// accuracy: `Σ count/N · |accuracy - confidence|` over bins of equal width.
///
/// From "On Calibration of Modern Neural Networks", Guo et al. 2017. A confidence at the border of two bins
/// belongs to the lower one, as in scikit-learn's `calibration_curve`.
///
/// # Shapes
///
/// `output` `[N, C, d1, ...]`, `target` `[N, d1, ...]` of kind `Int64`.
///
/// ```
/// use selvedge_train::metric::{CalibrationError, Metric, Scores};
/// use tch::Tensor;
///
/// let mut error = CalibrationError::new(10, Scores::Probabilities);
/// let output = Tensor::from_slice(&[0.75, 0.25, 0.25, 0.75]).reshape([2, 2]);
/// error.update(&output, &Tensor::from_slice(&[0_i64, 0]));
/// assert_eq!(error.compute(), 0.25);
/// ```
#[derive(Debug)]
pub struct CalibrationError {
    bins: i64,
    scores: Scores,
    /// For each bin the samples, the sum of their confidences, and how many of them are right.
    sums: Option<Tensor>,
}

/// The samples whose confidence lies in one bin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// How many there are.
    pub count: u64,
    /// Their mean confidence; NaN when there are none, which is `null` in a file.
    #[serde(with = "undefined")]
    pub confidence: f64,
    /// The share of them that is right; NaN when there are none.
    #[serde(with = "undefined")]
    pub accuracy: f64,
}

impl CalibrationError {
    /// Without samples; the default has 15 bins and takes logits.
    ///
    /// # Panics
    ///
    /// When `bins` is not positive.
    #[must_use]
    #[track_caller]
    pub fn new(bins: i64, scores: Scores) -> Self {
        assert!(bins > 0, "CalibrationError: expected at least one bin, found {bins}");
        Self { bins, scores, sums: None }
    }

    /// The bins from confidence 0 to 1, as a reliability diagram shows them.
    #[must_use]
    pub fn bins(&self) -> Vec<CalibrationBin> {
        let bins = self.bins as usize;
        let mut sums = vec![0.0; 3 * bins];
        if let Some(total) = &self.sums {
            total.to_kind(Kind::Double).copy_data(&mut sums, 3 * bins);
        }
        (0..bins)
            .map(|bin| {
                let count = sums[bin];
                let (confidence, accuracy) = (sums[bins + bin] / count, sums[2 * bins + bin] / count);
                CalibrationBin { count: count as u64, confidence, accuracy }
            })
            .collect()
    }
}

impl Default for CalibrationError {
    fn default() -> Self {
        Self::new(15, Scores::Logits)
    }
}

impl Metric for CalibrationError {
    fn update(&mut self, output: &Tensor, target: &Tensor) {
        let (rows, targets) = samples::rows("CalibrationError", output, target);
        let (confidence, predicted) = self.scores.probabilities(&rows).max_dim(1, false);
        let borders: Vec<f64> = (1..self.bins).map(|bin| bin as f64 / self.bins as f64).collect();
        let borders = Tensor::from_slice(&borders).to_kind(confidence.kind()).to_device(confidence.device());
        let bin = confidence.bucketize(&borders, false, false);
        let values =
            Tensor::stack(&[confidence.ones_like(), confidence, wide(&predicted.eq_tensor(&targets))], 0);
        let sums = Tensor::zeros([3, self.bins], (values.kind(), values.device()));
        let sums = sums.scatter_add(1, &bin.unsqueeze(0).expand_as(&values), &values);
        self.sums = Some(match self.sums.take() {
            Some(total) => total + sums,
            None => sums,
        });
    }

    fn compute(&self) -> f64 {
        let bins = self.bins();
        let samples: u64 = bins.iter().map(|bin| bin.count).sum();
        let error: f64 = bins
            .iter()
            .filter(|bin| bin.count > 0)
            .map(|bin| bin.count as f64 * (bin.accuracy - bin.confidence).abs())
            .sum();
        error / samples as f64
    }

    fn reset(&mut self) {
        self.sums = None;
    }
}
