use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::mean::wide;

/// What the scores of a network are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scores {
    /// Logits or log-probabilities, whose softmax gives the probabilities; the default.
    #[default]
    Logits,
    /// Probabilities.
    Probabilities,
}

impl Scores {
    pub(super) fn probabilities(self, rows: &Tensor) -> Tensor {
        match self {
            Self::Logits => wide(rows).softmax(1, None::<Kind>),
            Self::Probabilities => wide(rows),
        }
    }

    /// Probabilities are kept as far from 0 as their kind can tell them from 1.
    pub(super) fn log_probabilities(self, rows: &Tensor) -> Tensor {
        match self {
            Self::Logits => wide(rows).log_softmax(1, None::<Kind>),
            Self::Probabilities => {
                let eps = if rows.kind() == Kind::Double { f64::EPSILON } else { f64::from(f32::EPSILON) };
                wide(rows).clamp(eps, 1.0 - eps).log()
            }
        }
    }
}
