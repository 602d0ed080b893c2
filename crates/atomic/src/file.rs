//! A file that is there whole or not at all.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::leftover::{SUFFIX, prefix, remove_those};
use crate::place::{directory_of, sync_directory};
use crate::{Error, Result};

/// A file written beside its place, and put there by [`commit`](Self::commit).
///
/// Dropped without it, it goes; left by a killed process, it changes nothing, and goes when the next one is made
/// for the same place.
#[derive(Debug)]
pub struct AtomicFile {
    file: NamedTempFile,
    place: PathBuf,
}

impl AtomicFile {
    /// Begins a file for `place`, in the same directory, which has to be there.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn create(place: impl Into<PathBuf>) -> Result<Self> {
        let place = place.into();
        let directory = directory_of(&place);
        let prefix = prefix(&place);
        remove_those(directory, &prefix);
        loop {
            let file = builder(&prefix).tempfile_in(directory).map_err(Error::of("write in", directory))?;
            // The lock tells other processes that this is not a leftover. Where the file system has no locks,
            // leftovers stay.
            let _ = file.as_file().lock();
            // One of them may have removed it just before it was locked.
            if file.path().exists() {
                return Ok(Self { file, place });
            }
        }
    }

    /// Where the file is while it is written: for readers. Another file that is renamed to this path is refused by
    /// [`commit`](Self::commit), since only what is written through this handle is synchronised.
    #[must_use]
    pub fn temporary_path(&self) -> &Path {
        self.file.path()
    }

    /// Puts the file into its place, on the disk itself.
    ///
    /// # Errors
    ///
    /// When it cannot be written or renamed, or when the file at its [temporary path](Self::temporary_path) is no
    /// longer the one that was created; then what was at the place before is still there.
    pub fn commit(self) -> Result<()> {
        let Self { file, place } = self;
        refuse_replaced(&file).map_err(Error::of("write", &place))?;
        file.as_file().sync_all().map_err(Error::of("write", file.path()))?;
        file.persist(&place).map_err(|error| Error::of("write", &place)(error.error))?;
        sync_directory(directory_of(&place))
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

impl Seek for AtomicFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.file.seek(position)
    }
}

/// Puts `bytes` at `path`, whole or not at all.
///
/// # Errors
///
/// Those of [`AtomicFile`].
pub fn write_atomically(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes.as_ref()).map_err(Error::of("write", path))?;
    file.commit()
}

/// Refuses a temporary file whose name stands for another file than the open one. The rename would put that other
/// file in place, with its own permissions and without having synchronised its content.
#[cfg(unix)]
fn refuse_replaced(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    if identity(file.as_file().metadata()?) == identity(fs::symlink_metadata(file.path())?) {
        return Ok(());
    }
    let path = file.path().display();
    Err(io::Error::other(format!("{path} was replaced by another file; write through the open one instead")))
}

/// The standard library gives no identity of a file here.
#[cfg(not(unix))]
fn refuse_replaced(_: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

fn builder(prefix: &OsStr) -> tempfile::Builder<'_, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Those of any new file, as far as the user's mask allows; a temporary one would be its owner's alone.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.prefix(prefix).suffix(SUFFIX);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_stays_until_the_commit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file.txt");
        write_atomically(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        write_atomically(&path, "new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
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

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let absent = directory.path().join("absent");
        let error = write_atomically(&absent.join("file"), "").unwrap_err();
        assert!(error.to_string().starts_with(&format!("cannot write in {}: ", absent.display())), "{error}");
        assert!(!absent.exists());
    }

    /// What a writer does that renames a file of its own over the temporary one.
    #[cfg(unix)]
    #[test]
    fn a_file_put_in_the_place_of_the_open_one_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        write_atomically(&path, "old").unwrap();
        let file = AtomicFile::create(&path).unwrap();
        let other = directory.path().join("other");
        fs::write(&other, "new").unwrap();
        fs::rename(&other, file.temporary_path()).unwrap();
        let error = file.commit().unwrap_err();
        assert!(error.to_string().contains("was replaced by another file"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_it_as_any_other_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        let (ours, plain) = (directory.path().join("ours"), directory.path().join("plain"));
        write_atomically(&ours, "").unwrap();
        fs::write(&plain, "").unwrap();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
