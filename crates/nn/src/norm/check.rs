use crate::{NnError, NormalizedShape};

/// Refuses a negative size.
pub(super) fn sizes(unit: &'static str, option: &'static str, found: &[i64]) -> Result<(), NnError> {
    match found.iter().find(|&&size| size < 0) {
        Some(size) => Err(NnError::option(unit, option, "at least 0", size)),
        None => Ok(()),
    }
}

/// Refuses an `eps` that is negative or no number.
pub(super) fn eps(unit: &'static str, eps: f64) -> Result<(), NnError> {
    if eps >= 0.0 && eps.is_finite() {
        return Ok(());
    }
    Err(NnError::option(unit, "eps", "a number of at least 0", eps))
}

/// Refuses a momentum outside `[0, 1]`.
pub(super) fn momentum(unit: &'static str, momentum: f64) -> Result<(), NnError> {
    if (0.0..=1.0).contains(&momentum) {
        return Ok(());
    }
    Err(NnError::option(unit, "momentum", "a number in [0, 1]", momentum))
}

/// Refuses a shape without sizes, or with a negative one.
pub(super) fn normalized_shape(unit: &'static str, shape: &NormalizedShape) -> Result<(), NnError> {
    if shape.as_slice().is_empty() {
        return Err(NnError::option(unit, "normalized_shape", "at least one size", "[]"));
    }
    sizes(unit, "normalized_shape", shape.as_slice())
}
