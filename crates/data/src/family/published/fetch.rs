use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use selvedge_atomic::write_atomically;
use selvedge_fetch::{Download, Patience, Progress, Verify, apt};

use super::{IdxFile, Published, SYSTEM};
use crate::{Error, Result};

impl Published<'_> {
    /// Brings all files into the folder, or, where none is given, into the cache, unless they are in one of
    /// the places already; returns where they are.
    pub(crate) fn fetch(&self, folder: Option<&Path>, progress: &dyn Progress) -> Result<PathBuf> {
        if let Some(place) = self.places(folder).into_iter().find(|place| self.is_whole(place)) {
            return Ok(place);
        }
        let folder = folder.map_or_else(|| self.cache(), |folder| Ok(folder.to_path_buf()))?;
        let mut tried = Vec::new();
        for source in [Self::download, Self::unpack] {
            match source(self, &folder, progress) {
                Ok(()) => return Ok(folder),
                // Another source would not find more room on the disk.
                Err(error @ Error::Fetch(selvedge_fetch::Error::Io { .. })) => return Err(error),
                Err(error) => tried.push(error),
            }
        }
        let tried = tried.into_iter().map(|error| error.to_string()).collect();
        let advice =
            format!("Put {}, or try again where one of these can be reached.", self.files_and_place());
        Err(Error::Unavailable { dataset: self.name, tried, advice })
    }

    fn is_whole(&self, folder: &Path) -> bool {
        self.files().all(|file| file.find(folder).is_some_and(|path| file.read(&path).is_ok()))
    }

    /// The files from the mirrors.
    fn download(&self, folder: &Path, progress: &dyn Progress) -> Result<()> {
        for file in self.files() {
            let name = file.compressed_name();
            let download = Download {
                name: format!("{} ({name})", self.name),
                mirrors: self.mirrors.iter().map(|mirror| format!("{mirror}{name}")).collect(),
                verify: Verify::with(|path| file.read(path).map(drop).map_err(|error| error.to_string())),
                // There are several mirrors and a package: better to go on than to wait.
                patience: Patience {
                    attempts: 3,
                    backoff: Duration::from_millis(300),
                    connect: Duration::from_secs(5),
                    ..Patience::default()
                },
                ..Download::default()
            };
            download.to(&folder.join(name), progress)?;
        }
        Ok(())
    }

    /// The files from the distribution's package.
    fn unpack(&self, folder: &Path, progress: &dyn Progress) -> Result<()> {
        let Some(package) = self.package else {
            return Err(Error::other("no distribution has a package of it"));
        };
        let unpacked = apt::package(package, progress)?;
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
        let unpacked = unpacked.join(SYSTEM.trim_start_matches('/')).join(self.folder);
        for file in self.files() {
            file.copy(&unpacked, folder)?;
        }
        Ok(())
    }
}

impl IdxFile {
    fn copy(&self, from: &Path, to: &Path) -> Result<()> {
        let Some(path) = self.find(from) else {
            let missing = std::io::ErrorKind::NotFound.into();
            return Err(Error::Io { path: from.join(self.compressed_name()), source: missing });
        };
        self.read(&path)?;
        let bytes = fs::read(&path).map_err(Error::io(&path))?;
        let name = path.file_name().unwrap_or_default();
        Ok(write_atomically(&to.join(name), bytes).map_err(selvedge_fetch::Error::from)?)
    }
}
