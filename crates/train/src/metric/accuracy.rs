use tch::Tensor;

use super::{Metric, scores};

/// The share of targets whose class has the highest score. scikit-learn's `accuracy_score`.
///
/// # Shapes
///
/// `output` `[N, C, d1, ...]`: logits, log-probabilities or probabilities; `target` `[N, d1, ...]` of kind
/// `Int64`.
///
/// ```
/// use selvedge_train::metric::{Accuracy, Metric};
/// use tch::Tensor;
///
/// let mut accuracy = Accuracy::default();
/// let output = Tensor::from_slice(&[0.9, 0.1, 0.2, 0.8]).reshape([2, 2]);
/// accuracy.update(&output, &Tensor::from_slice(&[0_i64, 0]));
/// assert_eq!(accuracy.compute(), 0.5);
/// ```
#[derive(Debug, Default)]
pub struct Accuracy {
    correct: Option<Tensor>,
    count: usize,
}

impl Metric for Accuracy {
    fn update(&mut self, output: &Tensor, target: &Tensor) {
        let _no_grad = tch::no_grad_guard();
        scores::check("Accuracy", output, target);
        let correct = output.argmax(1, false).eq_tensor(target).sum(tch::Kind::Int64);
        scores::accumulate(&mut self.correct, correct);
        self.count += target.numel();
    }

    fn compute(&self) -> f64 {
        let correct = self.correct.as_ref().map_or(0, |correct| correct.int64_value(&[]));
        correct as f64 / self.count as f64
    }

    fn reset(&mut self) {
        *self = Self::default();
    }
}
