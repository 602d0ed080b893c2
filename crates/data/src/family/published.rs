mod fetch;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use selvedge_fetch::{Sha256Digest, cache_directory};

use super::idx::Idx;
use super::idx_images::paired;
use crate::{Error, ImageBytes, Result, Split};

/// A dataset of the MNIST family as it was published: where it may be, and how to know that it is the one.
#[derive(Debug)]
pub(crate) struct Published<'a> {
    pub(crate) name: &'static str,
    /// The name of its folder in the cache and in the system's dataset folder.
    pub(crate) folder: &'static str,
    /// Where torchvision puts it below a root of its own.
    pub(crate) torchvision_folder: &'static str,
    /// Folders on the network that hold the files, gzip-compressed, as addresses that end in a slash.
    pub(crate) mirrors: &'static [&'static str],
    /// The distribution's package that puts the files into the system's dataset folder.
    pub(crate) package: Option<&'static str>,
    pub(crate) class_names: &'a [&'a str],
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
    name: Cow<'static, str>,
    /// Of the decompressed bytes, where it is known.
    sha256: Option<Sha256Digest>,
    kind: Kind,
}

/// What a file holds.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Images,
    Labels,
    /// Rows of whole numbers, the first of which is the label.
    Records,
}

impl Published<'_> {
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

    /// What to do where the files are not there.
    fn advice(&self) -> String {
        match self.mirrors {
            [] => format!("Put {}.", self.files_and_place()),
            _ => format!("Fetch them, or put {}.", self.files_and_place()),
        }
    }

    fn files_and_place(&self) -> String {
        let names: Vec<_> = self.files().map(|file| &*file.name).collect();
        format!("{}, with or without .gz, into a folder and give its path", names.join(", "))
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
        let sha256 = Some(Sha256Digest::from_hex(sha256));
        Self { name: Cow::Borrowed(name), sha256, kind: Kind::Images }
    }

    pub(crate) const fn labels(name: &'static str, sha256: &str) -> Self {
        let sha256 = Some(Sha256Digest::from_hex(sha256));
        Self { name: Cow::Borrowed(name), sha256, kind: Kind::Labels }
    }

    /// Images whose published digest is not known.
    pub(crate) const fn any_images(name: Cow<'static, str>) -> Self {
        Self { name, sha256: None, kind: Kind::Images }
    }

    /// Labels whose published digest is not known.
    pub(crate) const fn any_labels(name: Cow<'static, str>) -> Self {
        Self { name, sha256: None, kind: Kind::Labels }
    }

    /// Rows that begin with the label, whose published digest is not known.
    pub(crate) const fn records(name: Cow<'static, str>) -> Self {
        Self { name, sha256: None, kind: Kind::Records }
    }

    /// The file in `folder`, raw or gzip.
    fn find(&self, folder: &Path) -> Option<PathBuf> {
        [self.name.to_string(), self.compressed_name()]
            .into_iter()
            .map(|name| folder.join(name))
            .find(|path| path.is_file())
    }

    fn compressed_name(&self) -> String {
        format!("{}.gz", self.name)
    }

    /// Reads the file and refuses it where it is not the published one.
    fn read(&self, path: &Path) -> Result<Idx> {
        let idx = match self.kind {
            Kind::Images => Idx::read(path, 3)?,
            Kind::Labels => Idx::read(path, 1)?,
            Kind::Records => Idx::read_first_of_records(path)?,
        };
        let Some(expected) = self.sha256 else { return Ok(idx) };
        let (length, found) = idx.sha256();
        if found == expected {
            return Ok(idx);
        }
        let (path, expected, found) = (path.to_path_buf(), expected.to_string(), found.to_string());
        Err(Error::Checksum { path, length, expected, found })
    }
}
