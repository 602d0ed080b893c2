//! Numbers of JSON files, where what is not finite is written as `null`.

use serde::{Deserialize, Deserializer};

/// A number, or NaN where there is `null`.
pub(crate) fn or_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
}
