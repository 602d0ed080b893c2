//! What a killed process leaves beside the place that it was filling.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

pub(crate) const SUFFIX: &str = ".unfinished";

/// In the directory that a directory is filled in: locked by who fills it.
pub(crate) const LOCK: &str = "lock";
/// In the same directory: what the place held before, where it could not be exchanged in one step.
pub(crate) const REPLACED: &str = "replaced";

/// What the names of all begin with that are to become `place`.
pub(crate) fn prefix(place: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(place.file_name().unwrap_or_default());
    prefix.push(".");
    prefix
}

/// Whether a file or directory of this name is one that is being filled, or was by a process that was killed.
///
/// ```
/// use selvedge_atomic::is_unfinished;
///
/// assert!(is_unfinished("runs/.epoch-3.x8Yq0a.unfinished"));
/// assert!(!is_unfinished("runs/epoch-3"));
/// ```
#[must_use]
pub fn is_unfinished(path: impl AsRef<Path>) -> bool {
    let name = path.as_ref().file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b".") && name.ends_with(SUFFIX.as_bytes())
}

/// Removes what killed processes left in `directory`, whatever it was to become. What a live process is filling
/// stays. Where the file system has no locks, nothing is removed.
///
/// # Errors
///
/// When the directory cannot be read.
pub fn remove_leftovers(directory: &Path) -> Result<()> {
    fs::read_dir(directory).map_err(Error::of("read", directory))?;
    remove_those(directory, OsStr::new(""));
    Ok(())
}

/// Removes the leftovers whose names begin with `prefix`. One that cannot be removed does no harm.
pub(crate) fn remove_those(directory: &Path, prefix: &OsStr) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if !is_unfinished(&path)
            || !entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes())
        {
            continue;
        }
        if entry.file_type().is_ok_and(|found| found.is_symlink()) {
            // We make none, and what it leads to is not ours.
            let _ = fs::remove_file(&path);
        } else if path.is_dir() {
            remove_directory(&path);
        } else if let Ok(file) = File::open(&path)
            && file.try_lock().is_ok()
        {
            // The lock is held until it is removed, so that nobody takes it for theirs in between.
            let _ = fs::remove_file(&path);
        }
    }
}

fn remove_directory(path: &Path) {
    let lock = path.join(LOCK);
    if let Ok(lock) = File::open(&lock) {
        if lock.try_lock().is_ok() {
            put_back(path);
            let _ = fs::remove_dir_all(path);
        }
        return;
    }
    // One that was just made is empty until it has its lock: who made it finds it gone, and makes another. One
    // that has something else before it has a lock was half removed.
    let is_filled = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    let _ = if is_filled && !lock.exists() { fs::remove_dir_all(path) } else { fs::remove_dir(path) };
}

/// Gives a place back what it held, where a process was killed after it had taken it away.
fn put_back(path: &Path) {
    let replaced = path.join(REPLACED);
    if let Some(place) = place_of(path).filter(|place| replaced.exists() && !place.exists()) {
        let _ = fs::rename(replaced, place);
    }
}

/// What `.name.x8Yq0a.unfinished` was to become.
fn place_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.as_encoded_bytes();
    let name = name.strip_prefix(b".")?.strip_suffix(SUFFIX.as_bytes())?;
    let end = name.iter().rposition(|byte| *byte == b'.')?;
    Some(path.with_file_name(os_name(&name[..end])?))
}

#[cfg(unix)]
fn os_name(bytes: &[u8]) -> Option<&OsStr> {
    use std::os::unix::ffi::OsStrExt;
    Some(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn os_name(bytes: &[u8]) -> Option<&OsStr> {
    std::str::from_utf8(bytes).ok().map(OsStr::new)
}
