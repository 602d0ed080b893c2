use tch::{Kind, Tensor};

use super::{Metric, Scores, mean::Mean, samples};

/// The mean of `Σ (p(class) - [class = target])²`, halved for two classes, so from 0 to 2, or to 1 for two.
/// scikit-learn's `brier_score_loss`.
///
/// # Shapes
///
/// `output` `[N, C, d1, ...]`, `target` `[N, d1, ...]` of kind `Int64`.
///
/// ```
/// use selvedge_train::metric::{Brier, Metric, Scores};
/// use tch::Tensor;
///
/// let mut brier = Brier::new(Scores::Probabilities);
/// let output = Tensor::from_slice(&[0.5, 0.25, 0.25]).reshape([1, 3]);
/// brier.update(&output, &Tensor::from_slice(&[0_i64]));
/// assert_eq!(brier.compute(), 0.25 + 2.0 * 0.0625);
/// ```
#[derive(Debug, Default)]
pub struct Brier {
    scores: Scores,
    mean: Mean,
}

impl Brier {
    /// Without samples; `Brier::default()` takes logits.
    #[must_use]
    pub fn new(scores: Scores) -> Self {
        Self { scores, mean: Mean::default() }
    }
}

impl Metric for Brier {
    fn update(&mut self, output: &Tensor, target: &Tensor) {
        let (rows, targets) = samples::rows("Brier", output, target);
        let probabilities = self.scores.probabilities(&rows);
        let of_targets = samples::of_targets("Brier", &probabilities, &targets).squeeze_dim(1);
        // Σ (p - y)² = Σ p² - 2 p(target) + 1
        let squares = (&probabilities * &probabilities).sum_dim_intlist(1, false, None::<Kind>);
        let scores: Tensor = squares - of_targets * 2.0 + 1.0;
        self.mean.add(&if rows.size()[1] == 2 { scores / 2.0 } else { scores });
    }

    fn compute(&self) -> f64 {
        self.mean.value()
    }

    fn reset(&mut self) {
        *self = Self::new(self.scores);
    }
}
