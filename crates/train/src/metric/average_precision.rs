use tch::Tensor;

use super::ranking::{Ranking, Ranks};
use super::{Average, Metric};

/// The precision averaged over the recall: `Σ (recallₙ - recallₙ₋₁) · precisionₙ` over the thresholds.
/// scikit-learn's `average_precision_score`.
///
/// With a row of scores for each sample it is averaged over the classes, each against the rest. 0 for a class
/// without a positive sample. It is exact, and so keeps the scores of all samples.
///
/// # Shapes
///
/// `output` `[N]` with `target` 0 or 1, or `output` `[N, C]`; `target` `[N]` of kind `Int64`.
///
/// ```
/// use selvedge_train::metric::{AveragePrecision, Metric};
/// use tch::Tensor;
///
/// let mut precision = AveragePrecision::default();
/// precision.update(&Tensor::from_slice(&[0.1, 0.4, 0.35, 0.8]), &Tensor::from_slice(&[0_i64, 0, 1, 1]));
/// assert!((precision.compute() - (0.5 + 0.5 * 2.0 / 3.0)).abs() < 1e-12);
/// ```
#[derive(Debug, Default)]
pub struct AveragePrecision {
    average: Average,
    ranking: Ranking,
}

impl AveragePrecision {
    /// Without samples.
    #[must_use]
    pub fn new(average: Average) -> Self {
        Self { average, ranking: Ranking::default() }
    }
}

impl Metric for AveragePrecision {
    fn update(&mut self, output: &Tensor, target: &Tensor) {
        self.ranking.update("AveragePrecision", output, target);
    }

    fn compute(&self) -> f64 {
        self.ranking.compute(self.average, precision)
    }

    fn reset(&mut self) {
        *self = Self::new(self.average);
    }
}

pub(super) fn precision(ranks: &Ranks) -> f64 {
    let all: f64 = ranks.positives.iter().sum();
    let (mut sum, mut right, mut taken) = (0.0, 0.0, 0.0);
    for (positives, negatives) in ranks.positives.iter().zip(&ranks.negatives).rev() {
        right += positives;
        taken += positives + negatives;
        sum += positives * right / taken;
    }
    if all == 0.0 { 0.0 } else { sum / all }
}
