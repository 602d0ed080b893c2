use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Average, undefined};

/// A figure of each class, and its averages. NaN where it is not defined, which is `null` in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassFigures {
    /// Of each class.
    #[serde(serialize_with = "write", deserialize_with = "read")]
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

fn write<S: Serializer>(figures: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(figures.iter().map(|&figure| Some(figure).filter(|figure| figure.is_finite())))
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let figures: Vec<Option<f64>> = Vec::deserialize(deserializer)?;
    Ok(figures.into_iter().map(|figure| figure.unwrap_or(f64::NAN)).collect())
}
