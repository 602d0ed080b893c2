use tch::Tensor;

use super::ranking::{Ranking, Ranks};
use super::{Average, Metric};

/// The area under the receiver operating characteristic: the chance that a positive sample has a higher score
/// than a negative one. scikit-learn's `roc_auc_score`.
///
/// With a row of scores for each sample it is averaged over the classes, each against the rest
/// (`multi_class="ovr"`). NaN where a class has no positive or no negative sample. It is exact, and so keeps
/// the scores of all samples. Differs from scikit-learn: the scores need not be probabilities.
///
/// # Shapes
///
/// `output` `[N]` with `target` 0 or 1, or `output` `[N, C]`; `target` `[N]` of kind `Int64`.
///
/// ```
/// use selvedge_train::metric::{Metric, RocAuc};
/// use tch::Tensor;
///
/// let mut auc = RocAuc::default();
/// auc.update(&Tensor::from_slice(&[0.1, 0.4, 0.35, 0.8]), &Tensor::from_slice(&[0_i64, 0, 1, 1]));
/// assert_eq!(auc.compute(), 0.75);
/// ```
#[derive(Debug, Default)]
pub struct RocAuc {
    average: Average,
    ranking: Ranking,
}

impl RocAuc {
    /// Without samples.
    #[must_use]
    pub fn new(average: Average) -> Self {
        Self { average, ranking: Ranking::default() }
    }
}

impl Metric for RocAuc {
    fn update(&mut self, output: &Tensor, target: &Tensor) {
        self.ranking.update("RocAuc", output, target);
    }

    fn compute(&self) -> f64 {
        self.ranking.compute(self.average, area)
    }

    fn reset(&mut self) {
        *self = Self::new(self.average);
    }
}

/// The pairs of a positive and a negative sample that are in order, of all pairs; a tie is half a pair.
pub(super) fn area(ranks: &Ranks) -> f64 {
    let (mut in_order, mut lower) = (0.0, 0.0);
    for (positives, negatives) in ranks.positives.iter().zip(&ranks.negatives) {
        in_order += positives * (lower + negatives / 2.0);
        lower += negatives;
    }
    in_order / (ranks.positives.iter().sum::<f64>() * lower)
}
