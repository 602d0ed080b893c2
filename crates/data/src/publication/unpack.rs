//! The files in a parcel, in a folder, in pieces: no file is ever in memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Write};
use std::path::{Component, Path};

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use selvedge_atomic::AtomicFile;
use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config};

use super::Packing;
use crate::{Error, Result};

/// A file that has not got its name yet.
#[derive(Debug)]
pub(super) struct Unpacked {
    pub(super) name: String,
    pub(super) file: AtomicFile,
}

/// Unpacks the `wanted` files of `parcel` beside their places in `folder`.
///
/// The place of a file comes from its name among those that are wanted, never from the archive; an archive with a
/// name that leads out of it is refused all the same, since it is not what was published.
pub(super) fn unpack(
    parcel: &Path,
    packing: Packing,
    wanted: &[Cow<'static, str>],
    folder: &Path,
) -> Result<Vec<Unpacked>> {
    let inside = match packing {
        Packing::Zip(inside) | Packing::TarGzip(inside) => inside,
        Packing::Plain | Packing::Gzip | Packing::Xz => "",
    };
    let mut unpacker = Unpacker { parcel, inside, wanted, folder, unpacked: Vec::new() };
    let file = BufReader::new(File::open(parcel).map_err(Error::io(parcel))?);
    match packing {
        Packing::Plain => unpacker.only(file)?,
        Packing::Gzip => unpacker.only(MultiGzDecoder::new(file))?,
        Packing::Xz => unpacker.only(XzReader::new(file, true))?,
        Packing::Zip(_) => {
            let damaged = |error: zip::result::ZipError| wrong(parcel, "a whole zip file", error);
            // Looking for the beginning of the archive goes wrong for some with a ZIP64 end record.
            let config = Config { archive_offset: ArchiveOffset::Known(0) };
            let mut archive = ZipArchive::with_config(config, file).map_err(damaged)?;
            for index in 0..archive.len() {
                let mut member = archive.by_index(index).map_err(damaged)?;
                let (name, is_file) = (member.name().map_err(damaged)?.into_owned(), member.is_file());
                unpacker.member(&name, is_file, &mut member)?;
            }
        }
        Packing::TarGzip(_) => {
            let damaged = |error| wrong(parcel, "a whole tar.gz file", error);
            let mut archive = tar::Archive::new(MultiGzDecoder::new(file));
            for member in archive.entries().map_err(damaged)? {
                let mut member = member.map_err(damaged)?;
                let name = String::from_utf8_lossy(&member.path_bytes()).into_owned();
                let is_file = member.header().entry_type().is_file();
                unpacker.member(&name, is_file, &mut member)?;
            }
        }
    }
    unpacker.finish()
}

struct Unpacker<'a> {
    parcel: &'a Path,
    /// The folder in the archive that holds the files.
    inside: &'a str,
    wanted: &'a [Cow<'static, str>],
    folder: &'a Path,
    unpacked: Vec<Unpacked>,
}

impl Unpacker<'_> {
    /// Takes the file of a parcel that holds one.
    fn only(&mut self, content: impl Read) -> Result<()> {
        match self.wanted {
            [name] => self.take(name, content),
            _ => Err(self.wrong("one file", format!("a wish for {}", self.wanted.len()))),
        }
    }

    /// Takes a member of an archive, if it is wanted.
    fn member(&mut self, path: &str, is_file: bool, content: impl Read) -> Result<()> {
        let stays = |component| matches!(component, Component::Normal(_) | Component::CurDir);
        if !Path::new(path).components().all(stays) || path.contains('\\') {
            return Err(self.wrong("names below its own folder", path));
        }
        let path = path.strip_prefix("./").unwrap_or(path);
        let name = path.strip_prefix(self.inside).and_then(|name| name.strip_prefix('/'));
        let Some(name) = name.filter(|name| self.wanted.iter().any(|wanted| wanted == name)) else {
            return Ok(());
        };
        if !is_file {
            return Err(self.wrong("a file", format!("something else named {path}")));
        }
        if self.unpacked.iter().any(|unpacked| unpacked.name == name) {
            return Err(self.wrong("each file once", format!("{path} twice")));
        }
        self.take(name, content)
    }

    fn take(&mut self, name: &str, mut content: impl Read) -> Result<()> {
        let place = self.folder.join(name);
        let mut file = AtomicFile::create(&place).map_err(selvedge_fetch::Error::from)?;
        let mut buffer = vec![0; 128 * 1024];
        loop {
            match content.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => file.write_all(&buffer[..count]).map_err(|source| {
                    selvedge_fetch::Error::Io { action: "write", path: place.clone(), source }
                })?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.wrong(&format!("{name} whole"), error)),
            }
        }
        self.unpacked.push(Unpacked { name: name.to_owned(), file });
        Ok(())
    }

    fn finish(self) -> Result<Vec<Unpacked>> {
        let is_here = |name: &str| self.unpacked.iter().any(|unpacked| unpacked.name == name);
        match self.wanted.iter().find(|name| !is_here(name)) {
            Some(missing) => Err(self.wrong(&format!("{missing} in {:?}", self.inside), "no such file")),
            None => Ok(self.unpacked),
        }
    }

    fn wrong(&self, expected: &str, found: impl ToString) -> Error {
        wrong(self.parcel, expected, found)
    }
}

fn wrong(parcel: &Path, expected: &str, found: impl ToString) -> Error {
    Error::Format {
        path: parcel.to_path_buf(),
        what: "archive",
        expected: expected.to_owned(),
        found: found.to_string(),
    }
}
