mod fetch;

use std::path::{Path, PathBuf};

use selvedge_fetch::{Sha256Digest, cache_directory};

use crate::idx_images::paired;
use crate::{Error, Idx, ImageBytes, Result, Split};

/// A dataset of the MNIST family as it was published: where it may be, and how to know that it is the one.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) name: &'static str,
    /// The name of its folder in the cache and in the system's dataset folder.
    pub(crate) folder: &'static str,
    /// Where torchvision puts it below a root of its own.
    pub(crate) torchvision_folder: &'static str,
    /// Folders on the network that hold the files, gzip-compressed, as addresses that end in a slash.
    pub(crate) mirrors: &'static [&'static str],
    /// The distribution's package that puts the files into the system's dataset folder.
    pub(crate) package: Option<&'static str>,
    pub(crate) class_names: &'static [&'static str],
    pub(crate) train: ImagesAndLabels,
    pub(crate) test: ImagesAndLabels,
}

/// The two files of a split.
#[derive(Debug)]
pub(crate) struct ImagesAndLabels {
    pub(crate) images: IdxFile,
    pub(crate) labels: IdxFile,
}

/// A file of bytes in IDX form.
#[derive(Debug)]
pub(crate) struct IdxFile {
    /// Without `.gz`.
    pub(crate) name: &'static str,
    /// Of the decompressed bytes.
    pub(crate) sha256: Sha256Digest,
    /// The number of dimensions.
    pub(crate) rank: u8,
}

impl Published {
    /// Reads a split from the folder, or, where none is given, from the first place that has it.
    pub(crate) fn load(&self, split: Split, folder: Option<&Path>) -> Result<ImageBytes> {
        let mut tried = Vec::new();
        for place in self.places(folder) {
            match self.load_from(split, &place) {
                Ok(Some(dataset)) => return Ok(dataset),
                Ok(None) => tried.push((place.display().to_string(), "not there".to_owned())),
                // A folder that was asked for is not silently passed over.
                Err(error) if folder.is_some() => return Err(error),
                Err(error) => tried.push((place.display().to_string(), error.to_string())),
            }
        }
        Err(Error::NotFound { dataset: self.name, tried, advice: self.advice() })
    }

    fn advice(&self) -> String {
        let names: Vec<_> = self.files().map(|file| file.name).collect();
        format!(
            "Fetch them, or put {}, with or without .gz, into a folder and give its path.",
            names.join(", ")
        )
    }

    fn split(&self, split: Split) -> &ImagesAndLabels {
        match split {
            Split::Train => &self.train,
            Split::Test => &self.test,
        }
    }

    fn files(&self) -> impl Iterator<Item = &IdxFile> {
        [&self.train.images, &self.train.labels, &self.test.images, &self.test.labels].into_iter()
    }

    /// The folders to look into, in order.
    fn places(&self, folder: Option<&Path>) -> Vec<PathBuf> {
        match folder {
            Some(folder) => vec![folder.to_path_buf(), folder.join(self.torchvision_folder).join("raw")],
            None => {
                let system = Path::new(SYSTEM).join(self.folder);
                [Some(system), self.cache().ok()].into_iter().flatten().collect()
            }
        }
    }

    fn cache(&self) -> Result<PathBuf> {
        Ok(cache_directory()?.join("data").join(self.folder))
    }

    /// `None` where the files are not there.
    fn load_from(&self, split: Split, folder: &Path) -> Result<Option<ImageBytes>> {
        let files = self.split(split);
        let (Some(images), Some(labels)) = (files.images.find(folder), files.labels.find(folder)) else {
            return Ok(None);
        };
        let read_images = files.images.read(&images)?;
        let read_labels = files.labels.read(&labels)?;
        paired((&images, read_images), (&labels, read_labels), self.class_names).map(Some)
    }
}

/// Where the distribution's packages put datasets.
const SYSTEM: &str = "/usr/share/datasets";

impl IdxFile {
    pub(crate) const fn images(name: &'static str, sha256: &str) -> Self {
        Self { name, sha256: Sha256Digest::from_hex(sha256), rank: 3 }
    }

    pub(crate) const fn labels(name: &'static str, sha256: &str) -> Self {
        Self { name, sha256: Sha256Digest::from_hex(sha256), rank: 1 }
    }

    /// The file in `folder`, raw or gzip.
    fn find(&self, folder: &Path) -> Option<PathBuf> {
        [self.name.to_owned(), self.compressed_name()]
            .into_iter()
            .map(|name| folder.join(name))
            .find(|path| path.is_file())
    }

    fn compressed_name(&self) -> String {
        format!("{}.gz", self.name)
    }

    /// Reads the file and refuses it where it is not the published one.
    fn read(&self, path: &Path) -> Result<Idx> {
        let idx = Idx::read(path, self.rank)?;
        let (length, found) = idx.sha256();
        if found != self.sha256 {
            let path = path.to_path_buf();
            return Err(Error::Checksum {
                path,
                length,
                expected: self.sha256.to_string(),
                found: found.to_string(),
            });
        }
        Ok(idx)
    }
}
