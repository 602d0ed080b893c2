use serde::{Deserialize, Serialize};

use super::{Average, undefined};

/// A figure of each class, and its averages. NaN where it is not defined, which is `null` in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassFigures {
    /// Of each class.
    #[serde(serialize_with = "undefined::serialize_each", deserialize_with = "undefined::deserialize_each")]
    pub per_class: Vec<f64>,
    /// As [`Average::Macro`].
    #[serde(with = "undefined")]
    pub macro_average: f64,
    /// As [`Average::Micro`].
    #[serde(with = "undefined")]
    pub micro_average: f64,
    /// As [`Average::Weighted`].
    #[serde(with = "undefined")]
    pub weighted_average: f64,
}

impl Default for ClassFigures {
    /// Of no classes.
    fn default() -> Self {
        Self::of(Vec::new(), &[], f64::NAN)
    }
}

impl ClassFigures {
    /// Of classes with as many samples as `support` says.
    pub(super) fn of(per_class: Vec<f64>, support: &[f64], micro_average: f64) -> Self {
        let average = |average: Average| average.of(&per_class, support, || micro_average);
        Self {
            macro_average: average(Average::Macro),
            micro_average,
            weighted_average: average(Average::Weighted),
            per_class,
        }
    }
}
