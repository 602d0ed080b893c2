use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::slice;
use std::time::Duration;

use flate2::bufread::MultiGzDecoder;
use selvedge_fetch::{
    Download, Event, Patience, Progress, Sha256Digest, Verify, apt, locked, sha256, sha256_of_file,
};

use super::unpack::{Unpacked, unpack};
use super::{Digest, Edition, Packing, Parcel, Publication, SYSTEM, note};
use crate::{Error, Result};

impl Publication<'_> {
    /// Brings all files into the folder, or, where none is given, into the cache, unless they are in one of
    /// the places already; returns where they are.
    pub(crate) fn fetch(&self, folder: Option<&Path>, progress: &dyn Progress) -> Result<PathBuf> {
        if let Some(place) = self.places(folder).into_iter().find(|place| self.has(place, &self.files)) {
            return Ok(place);
        }
        let folder = folder.map_or_else(|| self.cache(), |folder| Ok(folder.to_path_buf()))?;
        let _lock = locked(&folder.join(".fetch.lock"), &format!("fetching {}", self.name), progress)?;
        // Whoever held the lock may have brought them.
        if self.has(&folder, &self.files) {
            return Ok(folder);
        }
        let mut tried = Vec::new();
        for source in [Self::download, Self::unpack_package] {
            match source(self, &folder, progress) {
                Ok(()) => return Ok(folder),
                Err(errors) => tried.extend(errors),
            }
            // Another source would not find more room on the disk.
            if let Some(error) = tried.pop_if(|error| is_of_the_disk(error)) {
                return Err(error);
            }
        }
        let tried = tried.into_iter().map(|error| error.to_string()).collect();
        let advice =
            format!("Put {}, or try again where one of these can be reached.", self.files_and_place());
        Err(Error::Unavailable { dataset: self.name, tried, advice })
    }

    fn has(&self, folder: &Path, names: &[Cow<'static, str>]) -> bool {
        let is_right = |path: PathBuf, name| (self.check)(name, &path).is_ok();
        names.iter().all(|name| (self.find)(folder, name).is_some_and(|path| is_right(path, name)))
    }

    /// All parcels from the network; else what was wrong with each edition of the first that did not come.
    fn download(&self, folder: &Path, progress: &dyn Progress) -> std::result::Result<(), Vec<Error>> {
        for parcel in &self.parcels {
            if !self.has(folder, &parcel.files) {
                self.bring(parcel, folder, progress)?;
            }
        }
        Ok(())
    }

    fn bring(
        &self,
        parcel: &Parcel,
        folder: &Path,
        progress: &dyn Progress,
    ) -> std::result::Result<(), Vec<Error>> {
        let mut editions: Vec<&Edition> = parcel.editions.iter().collect();
        // The one that the user has put there needs no network.
        editions.sort_by_key(|edition| !folder.join(&*edition.name).exists());
        let mut tried = Vec::new();
        for edition in editions {
            match self.bring_as(edition, parcel, folder, progress) {
                Ok(()) => return Ok(()),
                Err(error) => tried.push(error),
            }
            if tried.last().is_some_and(is_of_the_disk) {
                break;
            }
        }
        Err(tried)
    }

    fn bring_as(
        &self,
        edition: &Edition,
        parcel: &Parcel,
        folder: &Path,
        progress: &dyn Progress,
    ) -> Result<()> {
        let packed = folder.join(&*edition.name);
        // One that the user has put there stays.
        let is_ours = !packed.exists();
        let download = Download {
            name: format!("{} ({})", self.name, edition.name),
            mirrors: edition.mirrors.iter().map(|mirror| format!("{mirror}{}", edition.name)).collect(),
            verify: verify(edition.digest),
            // There may be several mirrors and a package: better to go on than to wait.
            patience: Patience {
                attempts: 3,
                backoff: Duration::from_millis(300),
                connect: Duration::from_secs(5),
                // Several times the largest, EMNIST's.
                largest: 2 << 30,
                ..Patience::default()
            },
            ..Download::default()
        };
        download.to(&packed, progress)?;
        progress.on(Event::Working { what: &format!("unpacking {}", edition.name) });
        let unpacked = unpack(&packed, edition.packing, &parcel.files, folder);
        let done = unpacked.and_then(|files| self.place(files, parcel, folder));
        // Where the disk is full, the next attempt needs it.
        if is_ours && !matches!(done, Err(Error::Fetch(_))) {
            fs::remove_file(&packed).map_err(Error::io(&packed))?;
        }
        done
    }

    /// Gives the files their names after a look at what is in them.
    fn place(&self, files: Vec<Unpacked>, parcel: &Parcel, folder: &Path) -> Result<()> {
        let mut digests = Vec::new();
        for Unpacked { name, file } in &files {
            (self.check)(name, file.temporary_path())?;
            digests.push((name.clone(), sha256_of_file(file.temporary_path())?));
        }
        // Before the files get their names, so that none is ever without. What is pinned needs no note.
        if !parcel.is_pinned() {
            note::write(folder, digests)?;
        }
        for Unpacked { file, .. } in files {
            file.commit().map_err(selvedge_fetch::Error::from)?;
        }
        Ok(())
    }

    /// The files from the distribution's package.
    fn unpack_package(&self, folder: &Path, progress: &dyn Progress) -> std::result::Result<(), Vec<Error>> {
        self.try_package(folder, progress).map_err(|error| vec![error])
    }

    fn try_package(&self, folder: &Path, progress: &dyn Progress) -> Result<()> {
        let Some(package) = self.package else {
            return Err(Error::other("no distribution has a package of it"));
        };
        let package = apt::package(package, progress)?;
        let package = package.join(SYSTEM.trim_start_matches('/')).join(self.folder);
        for parcel in &self.parcels {
            for name in &parcel.files {
                let Some(path) = (self.find)(&package, name) else {
                    let missing = io::ErrorKind::NotFound.into();
                    return Err(Error::Io { path: package.join(&**name), source: missing });
                };
                (self.check)(name, &path)?;
                let is_gzip = path.extension().is_some_and(|extension| extension == "gz");
                let packing = if is_gzip { Packing::Gzip } else { Packing::Plain };
                self.place(unpack(&path, packing, slice::from_ref(name), folder)?, parcel, folder)?;
            }
        }
        Ok(())
    }
}

fn is_of_the_disk(error: &Error) -> bool {
    matches!(error, Error::Fetch(selvedge_fetch::Error::Io { .. }))
}

fn verify(digest: Digest) -> Verify<'static> {
    match digest {
        Digest::Sha256(digest) => Verify::Sha256(digest),
        Digest::Md5(digest) => Verify::Md5(digest),
        Digest::Content(digest) => Verify::with(move |path| content_is(digest, path)),
    }
}

/// Refuses a gzip file whose decompressed bytes have another digest.
fn content_is(expected: Sha256Digest, path: &Path) -> std::result::Result<(), String> {
    let content = File::open(path).map(|file| MultiGzDecoder::new(BufReader::new(file)));
    let found = content.and_then(sha256).map_err(|error| error.to_string())?;
    if found == expected {
        return Ok(());
    }
    Err(format!("the SHA-256 of the decompressed bytes is {found}, expected {expected}"))
}
