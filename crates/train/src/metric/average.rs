use serde::{Deserialize, Serialize};

/// How the figures of single classes become one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Average {
    /// The mean over the classes; the default.
    #[default]
    Macro,
    /// The figure of all decisions together, whatever their class.
    Micro,
    /// The mean over the classes, each counted by the samples it has.
    Weighted,
}

impl Average {
    /// The mean of the figures of the classes; `micro` gives the one that is not made of them.
    pub(super) fn of(self, figures: &[f64], support: &[f64], micro: impl FnOnce() -> f64) -> f64 {
        match self {
            Self::Macro => figures.iter().sum::<f64>() / figures.len() as f64,
            Self::Micro => micro(),
            Self::Weighted => {
                let weighted = figures.iter().zip(support).map(|(figure, support)| figure * support);
                weighted.sum::<f64>() / support.iter().sum::<f64>()
            }
        }
    }
}
