use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::{ReportError, Result};

/// The lines of a file of JSON lines; none where there is no such file. A last line that a kill cut short is left
/// out.
pub(crate) fn read<T: DeserializeOwned>(path: &Path, expected: &'static str) -> Result<Vec<T>> {
    let Some(bytes) = bytes(path)? else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() || !line.ends_with(b"\n") {
            continue;
        }
        rows.push(serde_json::from_slice(line).map_err(|error| ReportError::Format {
            path: path.to_path_buf(),
            line: Some(number + 1),
            expected,
            found: error.to_string(),
        })?);
    }
    Ok(rows)
}

/// A file of one JSON value; none where there is no such file.
pub(crate) fn read_one<T: DeserializeOwned>(path: &Path, expected: &'static str) -> Result<Option<T>> {
    let Some(bytes) = bytes(path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| ReportError::Format {
        path: path.to_path_buf(),
        line: None,
        expected,
        found: error.to_string(),
    })
}

fn bytes(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ReportError::Read { path: path.to_path_buf(), source }),
    }
}
