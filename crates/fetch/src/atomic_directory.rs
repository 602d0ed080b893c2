//! A directory that is there whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::atomic_file::{directory_of, sync_directory};
use crate::{Error, Lock, Result};

/// A directory filled beside its place, and put there by [`commit`](Self::commit).
///
/// Dropped without it, it goes. What a killed process left goes when the next one is made for the same place;
/// that nobody else is filling it is what the [`Lock`] is for.
#[derive(Debug)]
pub struct AtomicDirectory<'a> {
    place: PathBuf,
    staging: PathBuf,
    committed: bool,
    _lock: &'a Lock,
}

impl<'a> AtomicDirectory<'a> {
    /// Begins a directory for `place`, under a lock that everybody takes who fills it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when it cannot be made, or what a killed process left cannot be removed.
    pub fn create(place: impl Into<PathBuf>, lock: &'a Lock) -> Result<Self> {
        let place = place.into();
        let staging = beside(&place, "unfinished");
        remove(&staging)?;
        fs::create_dir_all(&staging).map_err(Error::io("create", &staging))?;
        Ok(Self { place, staging, committed: false, _lock: lock })
    }

    /// Where the directory is while it is filled.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.staging
    }

    /// Puts the directory into its place, in the stead of what is there, with all its files on the disk
    /// itself.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when a file cannot be written or the directory cannot be renamed.
    pub fn commit(mut self) -> Result<()> {
        sync_tree(&self.staging)?;
        let old = beside(&self.place, "old");
        remove(&old)?;
        if self.place.exists() {
            fs::rename(&self.place, &old).map_err(Error::io("rename", &self.place))?;
        }
        fs::rename(&self.staging, &self.place).map_err(Error::io("rename", &self.staging))?;
        self.committed = true;
        sync_directory(directory_of(&self.place))?;
        remove(&old)
    }
}

impl Drop for AtomicDirectory<'_> {
    fn drop(&mut self) {
        if !self.committed {
            let _ = remove(&self.staging);
        }
    }
}

fn beside(place: &Path, what: &str) -> PathBuf {
    place.with_file_name(format!(".{}.{what}", place.file_name().unwrap_or_default().display()))
}

fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", directory)(error)),
        _ => Ok(()),
    }
}

fn sync_tree(directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory).map_err(Error::io("read", directory))? {
        let entry = entry.map_err(Error::io("read", directory))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(Error::io("read", &path))?;
        if kind.is_dir() {
            sync_tree(&path)?;
        } else if kind.is_file() {
            File::open(&path).and_then(|file| file.sync_all()).map_err(Error::io("write", &path))?;
        }
    }
    sync_directory(directory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;

    #[test]
    fn a_directory_replaces_another_whole_and_leaves_nothing_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("thing");
        let lock = Lock::acquire(&root.path().join("lock"), "testing", &Silent).unwrap();
        for content in ["one", "two"] {
            let staged = AtomicDirectory::create(&place, &lock).unwrap();
            fs::create_dir(staged.path().join("sub")).unwrap();
            fs::write(staged.path().join("sub").join(content), content).unwrap();
            staged.commit().unwrap();
        }
        assert!(place.join("sub/two").exists() && !place.join("sub/one").exists());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_dropped_directory_and_a_killed_one_s_remains_go() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("thing");
        let lock = Lock::acquire(&root.path().join("lock"), "testing", &Silent).unwrap();
        let remains = root.path().join(".thing.unfinished/half");
        fs::create_dir_all(&remains).unwrap();
        let staged = AtomicDirectory::create(&place, &lock).unwrap();
        assert!(!remains.exists());
        drop(staged);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
