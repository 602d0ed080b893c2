use anyhow::{Error, anyhow};

use super::unfit;
use crate::nearest::hint;

/// That there is no unit of that name, or that it can not be used here.
pub(crate) fn no_such(unit: &str, typed: &str, names: &[&str]) -> Error {
    match unfit(typed) {
        Some(reason) => anyhow!("the {unit} {typed:?} can not be used here: {reason}"),
        None => {
            let hint = hint(typed, names, &format!("there is {}", names.join(", ")));
            anyhow!("there is no {unit} {typed:?}: {hint}")
        }
    }
}
