//! Paths in JSON, which has no text for those that are not UTF-8.

use std::path::{Path, PathBuf};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// A path as JSON has it: text, or the list of its bytes where it is not UTF-8.
pub(crate) fn to_json(path: &Path) -> Value {
    path.to_str().map_or_else(|| json!(path.as_os_str().as_encoded_bytes()), |text| json!(text))
}

/// Either of the two.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Bytes(Vec<u8>),
}

/// For a field of the configuration.
pub(crate) fn serialize<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_deref().map(to_json).serialize(serializer)
}

/// For a field of the configuration.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    match Option::<Written>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Written::Text(text)) => Ok(Some(text.into())),
        Some(Written::Bytes(bytes)) => of_bytes(bytes).map(Some).ok_or_else(|| {
            D::Error::custom("expected a path as text: the paths of this system have no other bytes")
        }),
    }
}

#[cfg(unix)]
fn of_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn of_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Place {
        #[serde(with = "super")]
        folder: Option<PathBuf>,
    }

    #[test]
    fn every_path_comes_back_from_json() {
        let latin: &Path = OsStr::from_bytes(b"caf\xe9").as_ref();
        for (folder, expected) in [
            (None, json!({ "folder": null })),
            (Some("café".into()), json!({ "folder": "café" })),
            (Some(latin.to_path_buf()), json!({ "folder": [99, 97, 102, 233] })),
        ] {
            let place = Place { folder };
            let value = serde_json::to_value(&place).unwrap();
            assert_eq!(value, expected);
            assert_eq!(serde_json::from_value::<Place>(value).unwrap(), place);
        }
        assert!(serde_json::from_value::<Place>(json!({ "folder": [300] })).is_err());
    }
}
