use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use super::{Scores, undefined};

/// The wrong predictions of the highest probability.
///
/// ```
/// use selvedge_train::metric::{Scores, SurestMistakes};
/// use tch::Tensor;
///
/// let mut mistakes = SurestMistakes::new(1, Scores::Probabilities);
/// let output = Tensor::from_slice(&[0.9, 0.1, 0.2, 0.8, 0.4, 0.6]).reshape([3, 2]);
/// mistakes.update(&output, &Tensor::from_slice(&[0_i64, 0, 0]));
/// let found = &mistakes.found()[0];
/// assert_eq!((found.index, found.truth, found.predicted, found.confidence), (1, 0, 1, 0.8));
/// ```
#[derive(Debug)]
pub struct SurestMistakes {
    most: usize,
    scores: Scores,
    seen: usize,
    found: Vec<Mistake>,
}

/// A sample that was taken for another class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// The number of the sample, in the order in which they were shown.
    pub index: usize,
    /// The number of the class it is of.
    pub truth: usize,
    /// The number of the class it was taken for.
    pub predicted: usize,
    /// The probability of the class it was taken for.
    #[serde(with = "undefined")]
    pub confidence: f64,
    /// The probability of the class it is of.
    #[serde(with = "undefined")]
    pub truth_probability: f64,
}

impl SurestMistakes {
    /// So many of them, before the first sample.
    #[must_use]
    pub fn new(most: usize, scores: Scores) -> Self {
        Self { most, scores, seen: 0, found: Vec::new() }
    }

    /// Takes a batch into account.
    ///
    /// # Shapes
    ///
    /// `output` `[N, C]`, `target` `[N]` of kind `Int64`.
    ///
    /// # Panics
    ///
    /// As [`Metric::update`](super::Metric::update).
    #[track_caller]
    pub fn update(&mut self, output: &Tensor, target: &Tensor) {
        if self.most == 0 {
            return;
        }
        let probabilities = self.scores.probabilities(output);
        let (confidence, predicted) = probabilities.max_dim(1, false);
        // Scores of NaN have no confidence.
        let wrong = predicted.ne_tensor(target).logical_and(&confidence.isnan().logical_not());
        let wrong = wrong.nonzero().view([-1]);
        let order = confidence.index_select(0, &wrong).argsort_stable(true, 0, true);
        let most = (self.most as i64).min(wrong.numel() as i64);
        let place = wrong.index_select(0, &order.narrow(0, 0, most));
        let (truth, predicted) = (target.index_select(0, &place), predicted.index_select(0, &place));
        let of_truth = probabilities.index_select(0, &place).gather(1, &truth.unsqueeze(1), false).view([-1]);
        let confidence = confidence.index_select(0, &place);
        let columns = [&place, &truth, &predicted].map(|column| column.to_kind(confidence.kind()));
        // Once for the batch, since each value that is read waits for the device.
        let rows = Tensor::stack(&[&columns[0], &columns[1], &columns[2], &confidence, &of_truth], 1);
        let rows = rows.to_device(Device::Cpu).to_kind(Kind::Double);
        for row in 0..most {
            let value = |column: i64| rows.double_value(&[row, column]);
            self.found.push(Mistake {
                index: self.seen + value(0) as usize,
                truth: value(1) as usize,
                predicted: value(2) as usize,
                confidence: value(3),
                truth_probability: value(4),
            });
        }
        self.seen += target.numel();
        // Where two are as sure, the first comes first, so that the same outputs give the same mistakes.
        self.found.sort_by(|left, right| {
            right.confidence.total_cmp(&left.confidence).then(left.index.cmp(&right.index))
        });
        self.found.truncate(self.most);
    }

    /// Those of all batches, the surest first.
    #[must_use]
    pub fn found(&self) -> &[Mistake] {
        &self.found
    }
}
