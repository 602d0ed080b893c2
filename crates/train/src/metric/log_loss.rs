use tch::Tensor;

use super::{Metric, Scores, mean::Mean, samples};

/// The mean of `-ln p(target)`. scikit-learn's `log_loss`.
///
/// Differs from scikit-learn, which takes probabilities and keeps them as far from 0 and 1 as their kind can tell, as
/// [`Scores::Probabilities`] does: logits are not clipped, so that the loss of a class far below the others is its distance.
///
/// # Shapes
///
/// `output` `[N, C, d1, ...]`, `target` `[N, d1, ...]` of kind `Int64`.
///
/// ```
/// use selvedge_train::metric::{LogLoss, Metric, Scores};
/// use tch::Tensor;
///
/// let mut loss = LogLoss::new(Scores::Probabilities);
/// let output = Tensor::from_slice(&[0.25, 0.75]).reshape([1, 2]);
/// loss.update(&output, &Tensor::from_slice(&[0_i64]));
/// assert!((loss.compute() - 4_f64.ln()).abs() < 1e-12);
/// ```
#[derive(Debug, Default)]
pub struct LogLoss {
    scores: Scores,
    mean: Mean,
}

impl LogLoss {
    /// Without samples; `LogLoss::default()` takes logits.
    #[must_use]
    pub fn new(scores: Scores) -> Self {
        Self { scores, mean: Mean::default() }
    }
}

impl Metric for LogLoss {
    fn update(&mut self, output: &Tensor, target: &Tensor) {
        let (rows, targets) = samples::rows("LogLoss", output, target);
        let log_probabilities = self.scores.log_probabilities(&rows);
        let losses = -samples::of_targets("LogLoss", &log_probabilities, &targets).squeeze_dim(1);
        // The NaN may be the probability of another class than the target.
        self.mean.add(&losses.masked_fill(&samples::undefined(&rows), f64::NAN));
    }

    fn compute(&self) -> f64 {
        self.mean.value()
    }

    fn reset(&mut self) {
        *self = Self::new(self.scores);
    }
}
