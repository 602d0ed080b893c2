use serde_json::Value;

/// Each value under its path: `optimizer.lr`.
pub(crate) fn rows(config: &Value) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    collect("", config, &mut rows);
    rows
}

fn collect(path: &str, value: &Value, rows: &mut Vec<(String, String)>) {
    match value {
        Value::Object(keys) if !keys.is_empty() => {
            for (key, value) in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(&path, value, rows);
            }
        }
        Value::Null => rows.push((path.to_owned(), "–".to_owned())),
        Value::String(text) => rows.push((path.to_owned(), text.clone())),
        other => rows.push((path.to_owned(), other.to_string())),
    }
}
