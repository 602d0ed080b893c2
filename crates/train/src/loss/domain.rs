use crate::TrainError;

/// Refuses a number that `holds` does not accept.
pub(super) fn number(
    unit: &'static str,
    option: &'static str,
    found: f64,
    holds: impl FnOnce(f64) -> bool,
    expected: &'static str,
) -> Result<(), TrainError> {
    if holds(found) {
        return Ok(());
    }
    Err(TrainError::OutOfDomain { unit, option, expected, found: found.to_string() })
}

/// Refuses weights that are empty or not numbers.
pub(super) fn weights(
    unit: &'static str,
    option: &'static str,
    weights: Option<&[f64]>,
) -> Result<(), TrainError> {
    match weights {
        Some(weights) if weights.is_empty() || weights.iter().any(|weight| weight.is_nan()) => {
            Err(TrainError::OutOfDomain {
                unit,
                option,
                expected: "at least one number, none of them NaN",
                found: format!("{weights:?}"),
            })
        }
        _ => Ok(()),
    }
}
