use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

use super::section::Section;
use super::unique;
use crate::nearest::unknown;
use crate::unit::no_such;

/// Puts a patch, some of the keys with their values, over a configuration.
///
/// `known` is what the place at `path` has by default, and shows its keys. A unit of another kind begins with
/// that kind's defaults, not with what the other had.
pub(super) fn lay_over(base: &mut Value, patch: &Value, known: &Value, path: &str) -> Result<()> {
    if patch.is_null() && !path.is_empty() {
        *base = Value::Null;
        return Ok(());
    }
    let section = Section::at(path);
    let known = match &section {
        Section::Keys if known.is_object() => known.as_object(),
        Section::Keys => {
            *base = patch.clone();
            return Ok(());
        }
        Section::Optional { sample } => {
            if base.is_null() && patch.is_object() {
                *base = json!({});
            }
            Some(sample)
        }
        Section::Unit { kind, samples } => Some(sample_of(base, patch, kind, samples, path)?),
    };
    let (Some(known), Some(patch)) = (known, patch.as_object()) else {
        match path {
            "" => bail!("expected an object such as {{\"fit\": {{\"epochs\": 5}}}}, found {patch}"),
            _ => bail!("{path:?} has to be an object of options, found {patch}"),
        }
    };
    if patch.get("type").is_some_and(|kind| Some(kind) != base.get("type")) {
        *base = json!({ "type": patch["type"] });
    }
    for (key, value) in patch {
        let at = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let Some(known) = known.get(key) else { return Err(unknown(key, known, path)) };
        if let Some(base) = base.as_object_mut() {
            lay_over(base.entry(key).or_insert(Value::Null), value, known, &at)?;
        }
    }
    Ok(())
}

/// The sample of the kind that the patch asks for, or that is there already.
fn sample_of<'a>(
    base: &Value,
    patch: &Value,
    unit: &str,
    samples: &'a [Map<String, Value>],
    path: &str,
) -> Result<&'a Map<String, Value>> {
    let names: Vec<&str> = samples.iter().filter_map(|sample| sample["type"].as_str()).collect();
    let Some(kind) = patch.get("type").or_else(|| base.get("type")) else {
        bail!("{path:?} needs a \"type\", which is one of {}", names.join(", "));
    };
    samples.iter().find(|sample| sample["type"] == *kind).ok_or_else(|| match kind {
        Value::String(typed) => no_such(unit, typed, &names),
        other => no_such(unit, &other.to_string(), &names),
    })
}

/// How deep a key may lie.
const MOST_LEVELS: usize = 32;

/// The patch of a `--set optimizer.lr=0.01`. A value that is no JSON is a string.
pub(super) fn of_assignment(assignment: &str) -> Result<Value> {
    let Some((path, value)) = assignment.split_once('=') else {
        bail!("expected KEY=VALUE such as optimizer.lr=0.01, found {assignment:?}");
    };
    if path.split('.').any(str::is_empty) {
        bail!("expected a key such as optimizer.lr before the =, found {path:?}");
    }
    // No place lies deeper, and each level is a call within a call until it is known that there is no such key.
    let levels = path.split('.').count();
    if levels > MOST_LEVELS {
        bail!("expected a key of at most {MOST_LEVELS} names before the =, found {levels}");
    }
    let value = match unique::from_str(value) {
        Ok(value) => value,
        // JSON, with a key that is there twice.
        Err(error) if error.is_data() => bail!("{path}: {error}"),
        Err(_) => Value::String(value.to_owned()),
    };
    Ok(at(path, value))
}

/// The patch that has the value at the path.
pub(super) fn at(path: &str, value: Value) -> Value {
    path.rsplit('.').fold(value, |value, key| json!({ key: value }))
}

/// Both patches as one, the second over the first.
pub(super) fn join(first: &mut Value, second: Value) {
    match (first, second) {
        (Value::Object(first), Value::Object(second)) => {
            for (key, value) in second {
                join(first.entry(key).or_insert(Value::Null), value);
            }
        }
        (first, second) => *first = second,
    }
}
