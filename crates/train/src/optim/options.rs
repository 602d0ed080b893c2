use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

/// The options of a rule by PyTorch's names.
pub(super) fn options(rule: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(rule) {
        Ok(Value::Object(options)) => options,
        other => unreachable!("a rule is a struct of numbers and flags, not {other:?}"),
    }
}

/// Writes the options of a rule the way Python prints a dict.
pub(super) fn write_dict(rule: &impl Serialize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let options = options(rule);
    let entries: Vec<String> =
        options.iter().map(|(name, value)| format!("'{name}': {}", python(value))).collect();
    write!(f, "{{{}}}", entries.join(", "))
}

/// Prints each rule as PyTorch prints the `defaults` of its optimizer.
macro_rules! display_as_dict {
    ($($rule:ty),* $(,)?) => {$(
        impl ::std::fmt::Display for $rule {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::optim::options::write_dict(self, f)
            }
        }
    )*};
}
pub(super) use display_as_dict;

fn python(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => match number.as_f64() {
            Some(number) if value.is_f64() => python_float(number),
            _ => number.to_string(),
        },
        Value::String(text) => format!("'{text}'"),
        Value::Array(values) => {
            format!("({})", values.iter().map(python).collect::<Vec<_>>().join(", "))
        }
        Value::Object(_) => value.to_string(),
    }
}

/// A zero is the integer that PyTorch's signatures have there, as in `'weight_decay': 0`.
fn python_float(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{number:?}");
    match text.split_once('e') {
        None => text,
        Some((digits, exponent)) => {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            format!("{digits}e{sign}{exponent:0>2}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_in_python() {
        for (number, text) in [
            (0.0, "0"),
            (1.0, "1.0"),
            (3e-3, "0.003"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1.5e-8, "1.5e-08"),
            (1e6, "1000000.0"),
            (1e16, "1e+16"),
            (-2.5e-100, "-2.5e-100"),
        ] {
            assert_eq!(python_float(number), text);
        }
    }
}
