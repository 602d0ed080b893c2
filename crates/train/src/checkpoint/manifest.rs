use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::Result;
use super::{CheckpointError, state::FORMAT};

const MANIFEST: &str = "manifest.json";

/// What a checkpoint consists of.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: u64,
    files: BTreeMap<String, Entry>,
}

/// A file as it was written.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    bytes: u64,
    sha256: String,
}

impl Entry {
    fn of(bytes: &[u8]) -> Self {
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(bytes) {
            // Writing into a string does not fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        Self { bytes: bytes.len() as u64, sha256 }
    }
}

impl Manifest {
    /// Describes all files of `folder`, and puts the description beside them.
    pub(super) fn write(folder: &Path) -> Result<()> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(CheckpointError::io("read", folder))? {
            let path = entry.map_err(CheckpointError::io("read", folder))?.path();
            let bytes = fs::read(&path).map_err(CheckpointError::io("read", &path))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, Entry::of(&bytes));
        }
        let path = folder.join(MANIFEST);
        let text = serde_json::to_string_pretty(&Self { format: FORMAT, files })
            .map_err(|error| CheckpointError::Malformed { path: path.clone(), reason: error.to_string() })?;
        fs::write(&path, text + "\n").map_err(CheckpointError::io("write", path))
    }

    /// Refuses a folder one of whose files is not what was written; returns the names of the files.
    pub(super) fn verify(folder: &Path, needed: &[&str]) -> Result<Vec<String>> {
        expect(folder, fs::FileType::is_dir, "a folder")?;
        let path = folder.join(MANIFEST);
        expect(&path, fs::FileType::is_file, "a file")?;
        let text = fs::read_to_string(&path).map_err(CheckpointError::io("read", &path))?;
        let malformed = |reason: String| CheckpointError::Malformed { path: path.clone(), reason };
        let value: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        // First, since another format may have other keys.
        if let Some(found) = value["format"].as_u64().filter(|found| *found != FORMAT) {
            return Err(CheckpointError::Version { path, expected: FORMAT, found });
        }
        let manifest: Self = serde_json::from_value(value).map_err(|error| malformed(error.to_string()))?;
        if let Some(lacking) = needed.iter().find(|name| !manifest.files.contains_key(**name)) {
            return Err(malformed(format!("it does not list {lacking}")));
        }
        for (name, expected) in &manifest.files {
            // A damaged manifest must not lead out of the folder.
            if Path::new(name).file_name().is_none_or(|file| file != name.as_str()) {
                return Err(malformed(format!("{name:?} is no name of a file")));
            }
            let path = folder.join(name);
            expect(&path, fs::FileType::is_file, "a file")?;
            let bytes = fs::read(&path).map_err(CheckpointError::io("read", &path))?;
            let found = Entry::of(&bytes);
            if found.bytes != expected.bytes {
                return Err(CheckpointError::Length { path, expected: expected.bytes, found: found.bytes });
            }
            if found != *expected {
                let (expected, found) = (expected.sha256.clone(), found.sha256);
                return Err(CheckpointError::Altered { path, expected, found });
            }
        }
        Ok(manifest.files.into_keys().collect())
    }
}

/// Refuses what is of another type, a link among it: a checkpoint consists of its own folder and files.
fn expect(path: &Path, is: impl Fn(&fs::FileType) -> bool, expected: &str) -> Result<()> {
    let found = fs::symlink_metadata(path).map_err(CheckpointError::io("read", path))?.file_type();
    if is(&found) {
        return Ok(());
    }
    let found = if found.is_symlink() { "a link" } else { "something else" };
    let reason = format!("expected {expected}, found {found}");
    Err(CheckpointError::Malformed { path: path.to_owned(), reason })
}
