//! One process at a time.

use std::fs::{self, File, TryLockError};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process;

use crate::{Error, Event, Progress, Result};

/// An exclusive lock between processes, held until it is dropped or the process ends, however it ends.
///
/// The file stays where it is: to remove it would let a third process lock a new one.
#[derive(Debug)]
pub struct Lock {
    // Closing the file releases the lock.
    _file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock at `path`, after waiting for whoever holds it. `purpose` is what others read while
    /// they wait for this process: `downloading fashion-mnist`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the file cannot be made or locked.
    pub fn acquire(path: &Path, purpose: &str, progress: &dyn Progress) -> Result<Self> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        }
        // Not truncated: what the holder wrote is still to be read.
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(Error::io("open", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(path).unwrap_or_default();
                let holder = if holder.is_empty() { "another process" } else { holder.trim_end() };
                progress.on(Event::Waiting { lock: path, holder });
                file.lock().map_err(Error::io("lock", path))?;
            }
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", path)(error)),
        }
        // Only what others read: the lock holds without it, on a full disk too.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "process {}, {purpose}", process::id()));
        Ok(Self { _file: file, path: path.to_path_buf() })
    }

    /// The locked file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}
