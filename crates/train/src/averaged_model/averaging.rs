use selvedge_torch::foreach;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::TrainError;
use crate::domain::Domain;

/// How an [`AveragedModel`](crate::AveragedModel) takes in another model.
///
/// ```
/// use selvedge_train::Averaging;
///
/// let averaging: Averaging = serde_json::from_str(r#"{"ema": {"decay": 0.99}}"#)?;
/// assert_eq!(averaging, Averaging::Ema { decay: 0.99 });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Averaging {
    /// The mean of all models: `a ← a + (θ − a) / (n + 1)`. Izmailov and others, "Averaging Weights Leads to Wider
    /// Optima and Better Generalization". PyTorch: `get_swa_multi_avg_fn`, the default.
    #[default]
    Swa,
    /// The exponential moving average: `a ← decay · a + (1 − decay) · θ`. PyTorch: `get_ema_multi_avg_fn`.
    Ema {
        /// How much of the average is kept, in [0, 1]. Default in PyTorch: 0.999.
        decay: f64,
    },
}

impl Averaging {
    /// Refuses a decay that is not in [0, 1].
    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When the decay is not in [0, 1].
    pub fn validate(self) -> Result<(), TrainError> {
        match self {
            Self::Swa => Ok(()),
            Self::Ema { decay } => {
                let holds = (0.0..=1.0).contains(&decay);
                Domain("AveragedModel").require(holds, "decay", "a number in [0, 1]", decay)
            }
        }
    }

    /// Takes the tensors of a model into the averages over `count` others.
    pub(super) fn update(self, averages: &[Tensor], currents: &[Tensor], count: i64) {
        let (real, whole): (Vec<_>, Vec<_>) =
            averages.iter().zip(currents).partition(|(average, _)| average.is_floating_point());
        let (averages, currents): (Vec<_>, Vec<_>) = real.into_iter().unzip();
        let weight = match self {
            Self::Swa => 1.0 / (count + 1) as f64,
            Self::Ema { decay } => 1.0 - decay,
        };
        foreach::lerp_(&averages, &currents, weight).unwrap_or_else(|error| panic!("AveragedModel: {error}"));
        for (average, current) in whole {
            // In PyTorch's order, since the result is cut off to a whole number.
            let exact = match self {
                Self::Swa => average + (current - average) / (count + 1),
                Self::Ema { decay } => average * decay + current * (1.0 - decay),
            };
            average.shallow_clone().copy_(&exact);
        }
    }
}
