//! What came of a file so far.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use selvedge_atomic::{open_own, put_in_place};

use crate::{Error, Result};

/// A file that is still coming, beside its place, with a note of where it comes from, so that a later attempt,
/// of this process or another, can go on where it broke.
#[derive(Debug)]
pub(crate) struct Partial {
    path: PathBuf,
    note: PathBuf,
    place: PathBuf,
}

impl Partial {
    pub(crate) fn beside(place: &Path) -> Self {
        let name = place.file_name().unwrap_or_default().display();
        Self {
            path: place.with_file_name(format!(".{name}.part")),
            note: place.with_file_name(format!(".{name}.part.from")),
            place: place.to_path_buf(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes of `url` are here, and the version of the file that they belong to.
    pub(crate) fn resumable(&self, url: &str) -> Option<(u64, String)> {
        let note = fs::read_to_string(&self.note).ok()?;
        let (from, version) = note.trim_end().split_once('\n')?;
        let length = fs::symlink_metadata(&self.path).ok().filter(|found| found.is_file())?.len();
        (from == url && length > 0).then(|| (length, version.to_owned()))
    }

    /// Begins anew with `url`. Without a version nothing can be resumed later.
    pub(crate) fn begin(&self, url: &str, version: Option<&str>) -> Result<File> {
        self.discard()?;
        // What is new is no link to something else.
        let new =
            |path| File::options().write(true).create_new(true).open(path).map_err(Error::io("write", path));
        let file = new(&self.path)?;
        if let Some(version) = version {
            let note = format!("{url}\n{version}\n");
            new(&self.note)?.write_all(note.as_bytes()).map_err(Error::io("write", &self.note))?;
        }
        Ok(file)
    }

    /// Goes on at the end of what is here.
    pub(crate) fn append(&self) -> Result<File> {
        Ok(open_own(&self.path, File::options().append(true))?)
    }

    pub(crate) fn write(&self, file: &mut File, bytes: &[u8]) -> Result<()> {
        file.write_all(bytes).map_err(Error::io("write", &self.path))
    }

    pub(crate) fn discard(&self) -> Result<()> {
        // The note goes first: bytes without a note are never resumed.
        for path in [&self.note, &self.path] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives the file its name.
    pub(crate) fn commit(&self) -> Result<()> {
        put_in_place(&self.path, &self.place)?;
        self.discard()
    }
}
