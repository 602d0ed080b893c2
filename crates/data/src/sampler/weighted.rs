use crate::error::number;
use crate::{Error, Random, Result, Sampler};

/// Samples drawn the oftener the greater their weight; PyTorch's `WeightedRandomSampler`.
///
/// With replacement each draw takes sample `i` with the probability `weights[i] / Σ weights`. Without, each
/// draw does so among the samples that are left.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedRandomSampler {
    /// A weight for each sample: finite, as is their sum, not negative, not all 0. They need not sum to 1.
    pub weights: Vec<f64>,
    /// The number of draws in an epoch.
    pub num_samples: usize,
    /// Whether a sample may be drawn again. Without, there have to be `num_samples` weights above 0.
    pub replacement: bool,
    /// Another seed, other draws.
    pub seed: u64,
}

impl Sampler for WeightedRandomSampler {
    fn indices(&self, epoch: u64) -> Vec<usize> {
        let mut random = Random::order(self.seed, epoch);
        if self.replacement { self.with_replacement(&mut random) } else { self.without(&mut random) }
    }

    fn len(&self) -> usize {
        self.num_samples
    }

    fn check(&self) -> Result<()> {
        if let Some(weight) = self.weights.iter().find(|weight| !weight.is_finite() || **weight < 0.0) {
            return Err(Error::option("weights", "finite numbers that are not negative", number(*weight)));
        }
        if !self.weights.iter().sum::<f64>().is_finite() {
            return Err(Error::option("weights", "numbers whose sum is finite", "a sum that is not"));
        }
        if self.num_samples > Self::MAX_SAMPLES {
            let expected = format!("at most {}", Self::MAX_SAMPLES);
            return Err(Error::option("num_samples", expected, self.num_samples));
        }
        let possible = self.weights.iter().filter(|&&weight| weight > 0.0).count();
        if self.num_samples > 0 && possible == 0 {
            return Err(Error::option("weights", "at least one above 0", "none"));
        }
        if !self.replacement && possible < self.num_samples {
            let expected = format!("at most {possible}, the number of weights above 0, without replacement");
            return Err(Error::option("num_samples", expected, self.num_samples));
        }
        Ok(())
    }
}

impl WeightedRandomSampler {
    /// The most draws of an epoch, whose order lies in memory.
    pub const MAX_SAMPLES: usize = 100_000_000;

    fn with_replacement(&self, random: &mut Random) -> Vec<usize> {
        // Sums of the very smallest numbers would be rounded to a multiple of themselves. A power of two changes no other.
        let largest = self.weights.iter().copied().fold(0.0, f64::max);
        let scale = if largest < 2f64.powi(-900) { 2f64.powi(900) } else { 1.0 };
        let sums: Vec<f64> = self
            .weights
            .iter()
            .scan(0.0, |sum, weight| {
                *sum += weight * scale;
                Some(*sum)
            })
            .collect();
        let total = sums.last().copied().unwrap_or(0.0);
        let last = self.weights.iter().rposition(|&weight| weight > 0.0).unwrap_or(0);
        let draw = |_| {
            let place = random.uniform() * total;
            // Rounding may put the place at the very end.
            sums.partition_point(|&sum| sum <= place).min(last)
        };
        (0..self.num_samples).map(draw).collect()
    }

    /// The order of exponential waiting times with these rates is that of draws without replacement
    /// (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006). They are compared by their
    /// logarithms: with a tiny weight a time is greater than any number.
    fn without(&self, random: &mut Random) -> Vec<usize> {
        let mut times: Vec<(f64, usize)> = self
            .weights
            .iter()
            .enumerate()
            .filter_map(|(index, &weight)| {
                let waited = -(1.0 - random.uniform()).ln();
                (weight > 0.0).then(|| (waited.ln() - weight.ln(), index))
            })
            .collect();
        times.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        times.into_iter().take(self.num_samples).map(|(_, index)| index).collect()
    }
}
