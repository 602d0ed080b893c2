//! Names that last.

use std::fs::{self, File};
use std::path::Path;

use crate::{Error, Result};

/// Renames a file that is whole, in the stead of what is at `to`, with its content and its new name on the disk
/// itself. Both have to be on one file system.
///
/// # Errors
///
/// When it cannot be read, written or renamed; then what was at `to` before is still there.
pub fn put_in_place(from: &Path, to: &Path) -> Result<()> {
    File::open(from).and_then(|file| file.sync_all()).map_err(Error::of("write", from))?;
    fs::rename(from, to).map_err(Error::of("write", to))?;
    sync_directory(directory_of(to))
}

/// Brings the content of a file and its name onto the disk itself: for files that are written in place, such as logs.
///
/// # Errors
///
/// When it cannot be opened or synchronised.
pub fn sync(path: &Path) -> Result<()> {
    File::open(path).and_then(|file| file.sync_data()).map_err(Error::of("write", path))?;
    sync_directory(directory_of(path))
}

/// The directory of `path`, which is `.` for a bare name.
pub(crate) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the renames in a directory last.
pub(crate) fn sync_directory(directory: &Path) -> Result<()> {
    // Elsewhere a directory cannot be opened as a file.
    if cfg!(unix) {
        File::open(directory).and_then(|file| file.sync_all()).map_err(Error::of("write", directory))?;
    }
    Ok(())
}

/// Puts all files of a directory, and their names, onto the disk itself.
pub(crate) fn sync_tree(directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory).map_err(Error::of("read", directory))? {
        let entry = entry.map_err(Error::of("read", directory))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(Error::of("read", &path))?;
        if kind.is_dir() {
            sync_tree(&path)?;
        } else if kind.is_file() {
            File::open(&path).and_then(|file| file.sync_all()).map_err(Error::of("write", &path))?;
        }
    }
    sync_directory(directory)
}
