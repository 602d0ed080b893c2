use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::CheckpointError;
use super::error::Result;

/// The caller's files that each checkpoint has copies of.
#[derive(Debug, Default)]
pub(super) struct CopiedFiles {
    folder: PathBuf,
    replaced: Vec<String>,
    /// The logs, with the length that each had last.
    appended: BTreeMap<String, u64>,
}

impl CopiedFiles {
    pub(super) fn new(folder: PathBuf, replaced: &[&str], appended: &[&str]) -> Result<Self> {
        let mut lengths = BTreeMap::new();
        for name in appended {
            let length = read(&folder.join(name))?.map_or(0, |bytes| bytes.len() as u64);
            lengths.insert((*name).to_owned(), length);
        }
        let replaced = replaced.iter().map(|name| (*name).to_owned()).collect();
        Ok(Self { folder, replaced, appended: lengths })
    }

    /// The content of those that are there.
    pub(super) fn read(&mut self) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut copies = BTreeMap::new();
        for name in &self.replaced {
            copies.extend(read(&self.folder.join(name))?.map(|bytes| (name.clone(), bytes)));
        }
        for (name, length) in &mut self.appended {
            let path = self.folder.join(name);
            let copy = read(&path)?;
            let (expected, found) = (*length, copy.as_ref().map_or(0, |bytes| bytes.len() as u64));
            // A checkpoint without the lost rows would replace those that still have them.
            if found < expected {
                return Err(crate::TrainError::LogChanged { path, expected, found }.into());
            }
            *length = found;
            copies.extend(copy.map(|bytes| (name.clone(), bytes)));
        }
        Ok(copies)
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CheckpointError::io("read", path)(error)),
    }
}
