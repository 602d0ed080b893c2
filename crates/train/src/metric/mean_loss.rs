use tch::Tensor;

use super::mean::Mean;

/// The mean of the losses of an epoch, each batch counted by its samples.
///
/// ```
/// use selvedge_train::metric::MeanLoss;
/// use tch::Tensor;
///
/// let mut loss = MeanLoss::default();
/// loss.update(&Tensor::from(1.0), 64);
/// loss.update(&Tensor::from(3.0), 32);
/// assert!((loss.compute() - 160.0 / 96.0).abs() < 1e-12);
/// ```
#[derive(Debug, Default)]
pub struct MeanLoss {
    mean: Mean,
}

impl MeanLoss {
    /// Takes the mean loss of a batch of `samples` into account.
    ///
    /// # Panics
    ///
    /// When the loss has more than one value.
    #[track_caller]
    pub fn update(&mut self, loss: &Tensor, samples: usize) {
        let size = loss.size();
        assert!(loss.numel() == 1, "MeanLoss: expected a loss of one value, found the size {size:?}");
        self.mean.add_sum(&(loss.detach().reshape([0_i64; 0]) * samples as f64), samples);
    }

    /// The mean so far; NaN before the first batch.
    #[must_use]
    pub fn compute(&self) -> f64 {
        self.mean.value()
    }

    /// Forgets all batches.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}
