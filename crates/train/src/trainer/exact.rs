//! A sum in a file of JSON, which has no number for what is not finite.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Sum {
    Number(f64),
    Text(String),
}

pub(super) fn serialize<S: Serializer>(sum: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let sum = if sum.is_finite() { Sum::Number(*sum) } else { Sum::Text(sum.to_string()) };
    sum.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    match Sum::deserialize(deserializer)? {
        Sum::Number(sum) => Ok(sum),
        Sum::Text(text) => {
            text.parse().map_err(|_| D::Error::custom(format!("expected a number, found {text:?}")))
        }
    }
}
