use anyhow::{Error, anyhow};
use serde_json::{Map, Value};

/// The known name that a mistyped one most likely means, where one is close enough.
fn nearest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(typed, name), *name))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, name)| name)
}

/// What to say of a mistyped name: the nearest one, or what there is.
pub(crate) fn hint(typed: &str, known: &[&str], otherwise: &str) -> String {
    nearest(typed, known).map_or_else(|| otherwise.to_owned(), |name| format!("did you mean {name:?}?"))
}

/// That there is no such key at a place of the configuration.
pub(crate) fn unknown(key: &str, known: &Map<String, Value>, path: &str) -> Error {
    let known: Vec<&str> = known.keys().map(String::as_str).collect();
    let place = if path.is_empty() { String::new() } else { format!(" in {path:?}") };
    let hint = hint(key, &known, &format!("the keys are {}", known.join(", ")));
    anyhow!("there is no key {key:?}{place}: {hint}")
}
