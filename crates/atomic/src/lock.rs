//! One process at a time.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process;

use crate::{Error, Result, open_own};

/// The most bytes that are read of what the holder wrote.
const MOST_TOLD: u64 = 1024;

/// An exclusive lock between processes, held until it is dropped or the process ends, however it ends.
///
/// The file stays where it is: to remove it would let a third process lock a new one.
///
/// ```
/// use selvedge_atomic::{Attempt, Lock};
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let lock = Lock::acquire(&folder.join(".lock"), "painting", |holder| println!("waiting for {holder}"))?;
/// let Attempt::Held { holder } = Lock::attempt(lock.path(), "painting, too")? else { unreachable!() };
/// assert!(holder.ends_with(", painting"));
/// drop(lock);
/// assert!(matches!(Lock::attempt(&folder.join(".lock"), "painting, too")?, Attempt::Acquired(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Lock {
    // Closing the file releases the lock.
    _file: File,
    path: PathBuf,
}

/// What came of [`Lock::attempt`].
#[derive(Debug)]
pub enum Attempt {
    /// This process holds the lock.
    Acquired(Lock),
    /// Another one does.
    Held {
        /// Who, and for what: `process 4711, downloading fashion-mnist`.
        holder: String,
    },
}

impl Lock {
    /// Takes the lock at `path`, after waiting for whoever holds it, which `waiting` is told first. `purpose` is what
    /// others read while they wait for this process: `downloading fashion-mnist`.
    ///
    /// # Errors
    ///
    /// When the file cannot be made or locked.
    pub fn acquire(path: &Path, purpose: &str, waiting: impl FnOnce(&str)) -> Result<Self> {
        let file = open(path)?;
        if let Some(holder) = held(&file, path)? {
            waiting(&holder);
            file.lock().map_err(Error::of("lock", path))?;
        }
        Ok(Self::of(file, path, purpose))
    }

    /// Takes the lock at `path` unless another process holds it.
    ///
    /// # Errors
    ///
    /// As [`acquire`](Self::acquire).
    pub fn attempt(path: &Path, purpose: &str) -> Result<Attempt> {
        let file = open(path)?;
        Ok(match held(&file, path)? {
            Some(holder) => Attempt::Held { holder },
            None => Attempt::Acquired(Self::of(file, path, purpose)),
        })
    }

    fn of(mut file: File, path: &Path, purpose: &str) -> Self {
        // Only what others read: the lock holds without it, on a full disk too.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "process {}, {purpose}", process::id()));
        Self { _file: file, path: path.to_path_buf() }
    }

    /// The locked file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn open(path: &Path) -> Result<File> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(Error::of("create", parent))?;
    }
    // Not truncated: what the holder wrote is still to be read.
    open_own(path, File::options().create(true).truncate(false).read(true).write(true))
}

/// Locks the file, or says who has it locked.
fn held(file: &File, path: &Path) -> Result<Option<String>> {
    match file.try_lock() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Only what is told: who holds it may have written nothing yet, or no text.
            let _ = file.take(MOST_TOLD).read_to_string(&mut holder);
            let holder = if holder.is_empty() { "another process" } else { holder.trim_end() };
            Ok(Some(holder.to_owned()))
        }
        Err(TryLockError::Error(error)) => Err(Error::of("lock", path)(error)),
    }
}
