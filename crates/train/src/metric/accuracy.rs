use tch::Tensor;

use super::mean::{Mean, wide};
use super::{Metric, samples};

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
    correct: Mean,
}

impl Metric for Accuracy {
    fn update(&mut self, output: &Tensor, target: &Tensor) {
        let (rows, targets) = samples::rows("Accuracy", output, target);
        let correct = wide(&rows.argmax(1, false).eq_tensor(&targets));
        self.correct.add(&correct.masked_fill(&samples::undefined(&rows), f64::NAN));
    }

    fn compute(&self) -> f64 {
        self.correct.value()
    }

    fn reset(&mut self) {
        *self = Self::default();
    }
}
