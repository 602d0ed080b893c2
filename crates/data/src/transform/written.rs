//! The short ways in which torchvision lets ranges and defaults be written, for serde.

use serde::{Deserialize, Deserializer};

use crate::{Fill, Interpolation};

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number or a list of two")]
enum Range {
    One(f64),
    Two([f64; 2]),
}

impl Range {
    fn or(self, of_one: impl FnOnce(f64) -> [f64; 2]) -> [f64; 2] {
        match self {
            Self::One(value) => of_one(value),
            Self::Two(range) => range,
        }
    }
}

/// `d` for `[-d, d]`.
pub(super) fn around_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[f64; 2], D::Error> {
    Ok(Range::deserialize(deserializer)?.or(|value| [-value, value]))
}

/// `v` for `[v, v]`.
pub(super) fn same_twice<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[f64; 2], D::Error> {
    Ok(Range::deserialize(deserializer)?.or(|value| [value, value]))
}

/// `d` for `[-d, d]`, or null.
pub(super) fn maybe_around_zero<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<[f64; 2]>, D::Error> {
    Ok(Option::<Range>::deserialize(deserializer)?.map(|range| range.or(|value| [-value, value])))
}

/// `d` for `[1 - d, 1 + d]` where 1 - d is not negative, or null. A negative `d` stands for itself, which is refused then.
pub(super) fn maybe_around_one<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<[f64; 2]>, D::Error> {
    Ok(Option::<Range>::deserialize(deserializer)?.map(|range| range.or(around_one)))
}

/// The range that a number alone stands for in a colour jitter. A negative one stands for itself, so that it is refused
/// as it was written.
pub(super) fn around_one(distance: f64) -> [f64; 2] {
    if distance < 0.0 {
        return [distance; 2];
    }
    [(1.0 - distance).max(0.0), 1.0 + distance]
}

/// What fills, black where there is null, as torchvision pads for `fill=None`.
pub(super) fn fill_or_black<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fill, D::Error> {
    Ok(Option::<Fill>::deserialize(deserializer)?.unwrap_or_default())
}

pub(super) fn half() -> f64 {
    0.5
}

pub(super) fn yes() -> bool {
    true
}

pub(super) fn black() -> Option<Fill> {
    Some(Fill::default())
}

pub(super) fn bilinear() -> Interpolation {
    Interpolation::Bilinear
}

pub(super) fn nearest() -> Interpolation {
    Interpolation::Nearest
}
