use tch::{Kind, Tensor};

use super::mean::{Mean, wide};
use super::{Metric, samples};

/// The share of targets whose class is among those with the `k` highest scores. scikit-learn's
/// `top_k_accuracy_score`.
///
/// Differs from scikit-learn: where scores are equal, the target counts as the highest of them, whatever its
/// index.
///
/// # Shapes
///
/// `output` `[N, C, d1, ...]`, `target` `[N, d1, ...]` of kind `Int64`.
///
/// ```
/// use selvedge_train::metric::{Metric, TopK};
/// use tch::Tensor;
///
/// let mut top_2 = TopK::new(2);
/// let output = Tensor::from_slice(&[0.5, 0.3, 0.2, 0.5, 0.3, 0.2]).reshape([2, 3]);
/// top_2.update(&output, &Tensor::from_slice(&[1_i64, 2]));
/// assert_eq!(top_2.compute(), 0.5);
/// ```
#[derive(Debug)]
pub struct TopK {
    k: i64,
    correct: Mean,
}

impl TopK {
    /// Without samples.
    ///
    /// # Panics
    ///
    /// When `k` is not positive.
    #[must_use]
    #[track_caller]
    pub fn new(k: i64) -> Self {
        assert!(k > 0, "TopK: expected a positive k, found {k}");
        Self { k, correct: Mean::default() }
    }
}

impl Metric for TopK {
    fn update(&mut self, output: &Tensor, target: &Tensor) {
        let (rows, targets) = samples::rows("TopK", output, target);
        let not_lower = rows.le_tensor(&samples::of_targets("TopK", &rows, &targets)).logical_not();
        let place = not_lower.sum_dim_intlist(1, false, Kind::Int64);
        let correct = wide(&place.lt(self.k));
        self.correct.add(&correct.masked_fill(&samples::undefined(&rows), f64::NAN));
    }

    fn compute(&self) -> f64 {
        self.correct.value()
    }

    fn reset(&mut self) {
        *self = Self::new(self.k);
    }
}
