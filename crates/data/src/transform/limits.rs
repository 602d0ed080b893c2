//! What options may be, said once for all transforms: each function returns an error that names the option.

use std::fmt::{Debug, Display};

use crate::error::number;
use crate::{Error, Interpolation, Result};

/// From 0 to 1.
pub(super) fn probability(option: &'static str, value: f64) -> Result<()> {
    within(option, &[value], 0.0, 1.0)
}

/// Finite, 0 or more.
pub(super) fn not_negative(option: &'static str, value: f64) -> Result<()> {
    within(option, &[value], 0.0, f64::MAX)
}

/// Finite, more than 0.
pub(super) fn positive(option: &'static str, value: f64) -> Result<()> {
    within(option, &[value], f64::MIN_POSITIVE, f64::MAX)
}

/// Each from `least` to `most`.
pub(super) fn within(option: &'static str, values: &[f64], least: f64, most: f64) -> Result<()> {
    match values.iter().find(|value| !(least..=most).contains(*value)) {
        Some(value) => Err(Error::option(option, interval(least, most), number(*value))),
        None => Ok(()),
    }
}

/// Two numbers from `least` to `most`, the smaller first.
pub(super) fn range(option: &'static str, [low, high]: [f64; 2], least: f64, most: f64) -> Result<()> {
    within(option, &[low, high], least, most)?;
    ordered(option, low, high)
}

fn ordered(option: &'static str, low: f64, high: f64) -> Result<()> {
    if low <= high {
        Ok(())
    } else {
        let range = format!("[{}, {}]", number(low), number(high));
        // A negative number alone stands for such a range as well.
        let (expected, found) = if low == -high {
            (
                "a number that is not negative, or two with the smaller first",
                format!("{} or {range}", number(high)),
            )
        } else {
            ("the smaller number first", range)
        };
        Err(Error::option(option, expected, found))
    }
}

/// A whole number up to `most`.
pub(super) fn at_most<T: PartialOrd + Display>(option: &'static str, value: T, most: T) -> Result<()> {
    if value <= most { Ok(()) } else { Err(Error::option(option, format!("at most {most}"), value)) }
}

/// At least `least`.
pub(super) fn at_least<T: PartialOrd + Display>(option: &'static str, value: T, least: T) -> Result<()> {
    if value >= least { Ok(()) } else { Err(Error::option(option, format!("at least {least}"), value)) }
}

/// Not empty.
pub(super) fn some<T: Debug>(option: &'static str, values: &[T]) -> Result<()> {
    if values.is_empty() { Err(Error::option(option, "at least one", "none")) } else { Ok(()) }
}

/// One of those that a grid can be sampled with.
pub(super) fn sampled(option: &'static str, value: Interpolation) -> Result<()> {
    match value {
        Interpolation::Nearest | Interpolation::Bilinear => Ok(()),
        other => Err(Error::option(option, "nearest or bilinear", other)),
    }
}

fn interval(least: f64, most: f64) -> String {
    match (least, most) {
        (f64::MIN, f64::MAX) => "finite numbers".to_owned(),
        (0.0, f64::MAX) => "numbers that are not negative".to_owned(),
        (f64::MIN_POSITIVE, f64::MAX) => "positive numbers".to_owned(),
        (least, f64::MAX) => format!("at least {}", number(least)),
        (f64::MIN, most) => format!("at most {}", number(most)),
        _ => format!("{} to {}", number(least), number(most)),
    }
}
