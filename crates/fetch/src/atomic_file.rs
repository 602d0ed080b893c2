//! A file that is there whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{Error, Result};

const SUFFIX: &str = ".unfinished";

/// A file written beside its place, and put there by [`commit`](Self::commit).
///
/// Dropped without it, or left by a killed process, it changes nothing: the next one made for the same place
/// removes what a killed process left.
#[derive(Debug)]
pub struct AtomicFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl AtomicFile {
    /// Begins a file for `path`, in the same directory, which is made when it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the directory or the file cannot be made.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let directory = directory_of(&path);
        fs::create_dir_all(directory).map_err(Error::io("create", directory))?;
        let prefix = format!(".{}.", path.file_name().unwrap_or_default().display());
        remove_leftovers(directory, &prefix);
        loop {
            let file = tempfile::Builder::new()
                .prefix(&prefix)
                .suffix(SUFFIX)
                .tempfile_in(directory)
                .map_err(Error::io("write in", directory))?;
            // The lock tells other processes that this is not a leftover. One of them may have removed it
            // just before it was locked.
            file.as_file().lock().map_err(Error::io("lock", file.path()))?;
            if file.path().exists() {
                return Ok(Self { file, path });
            }
        }
    }

    /// Where the file is while it is written.
    #[must_use]
    pub fn temporary_path(&self) -> &Path {
        self.file.path()
    }

    /// Puts the file into its place, on the disk itself.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when it cannot be written or renamed; then what was at the place before is still there.
    pub fn commit(self) -> Result<()> {
        let Self { file, path } = self;
        allow_others_to_read(file.as_file()).map_err(Error::io("write", file.path()))?;
        file.as_file().sync_all().map_err(Error::io("write", file.path()))?;
        file.persist(&path).map_err(|error| Error::io("write", &path)(error.error))?;
        sync_directory(directory_of(&path))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Puts `bytes` at `path`, whole or not at all.
///
/// # Errors
///
/// Those of [`AtomicFile`].
pub fn write_atomically(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes.as_ref()).map_err(Error::io("write", path))?;
    file.commit()
}

/// The directory of `path`, which is `.` for a bare name.
pub(crate) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a rename in `directory` last.
pub(crate) fn sync_directory(directory: &Path) -> Result<()> {
    // Elsewhere a directory cannot be opened as a file.
    if cfg!(unix) {
        File::open(directory).and_then(|file| file.sync_all()).map_err(Error::io("write", directory))?;
    }
    Ok(())
}

fn remove_leftovers(directory: &Path, prefix: &str) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !(name.starts_with(prefix) && name.ends_with(SUFFIX)) {
            continue;
        }
        let is_leftover = File::open(entry.path()).is_ok_and(|file| {
            // Held until it is removed, so that nobody takes it for theirs in between.
            file.try_lock().is_ok() && fs::remove_file(entry.path()).is_ok()
        });
        let _ = is_leftover;
    }
}

/// Temporary files are made for their owner's eyes only; what is put in its place is for everybody, like any
/// other new file.
fn allow_others_to_read(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    let _ = file;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_stays_until_the_commit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sub/file.txt");
        write_atomically(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        write_atomically(&path, "new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn leftovers_of_a_killed_process_go_and_those_of_a_live_one_stay() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let dead = directory.path().join(".file.aBc.unfinished");
        fs::write(&dead, "half").unwrap();
        let live = AtomicFile::create(&path).unwrap();
        assert!(!dead.exists());
        AtomicFile::create(&path).unwrap().commit().unwrap();
        assert!(live.temporary_path().exists());
        live.commit().unwrap();
    }
}
