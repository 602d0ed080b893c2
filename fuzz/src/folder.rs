use std::fs;
use std::path::{Path, PathBuf};

use selvedge_data::Result;
use tempfile::TempDir;

thread_local! {
    static FOLDER: TempDir = tempfile::tempdir().unwrap();
}

/// A folder of this thread.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = FOLDER.with(|folder| folder.path().join(name));
    if !folder.exists() {
        fs::create_dir(&folder).unwrap();
    }
    folder
}

/// Puts the bytes into a file in the folder of this thread.
pub(crate) fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = FOLDER.with(|folder| folder.path().join(name));
    fs::write(&path, bytes).unwrap();
    path
}

/// What was read; nothing where it was refused with an error that begins with the path.
#[track_caller]
pub(crate) fn read<T>(path: &Path, result: Result<T>) -> Option<T> {
    result
        .inspect_err(|error| {
            let (text, path) = (error.to_string(), path.display().to_string());
            assert!(text.starts_with(&path), "expected an error that begins with {path}, found {text}");
        })
        .ok()
}
