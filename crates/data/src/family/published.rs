use std::borrow::Cow;
use std::path::{Path, PathBuf};

use selvedge_fetch::{Md5Digest, Progress, Sha256Digest};

use super::idx::Idx;
use super::idx_images::paired;
use crate::publication::{Digest, Edition, Packing, Parcel, Publication, check_noted};
use crate::{Error, ImageBytes, Result, Split};

/// A dataset of the MNIST family as it was published.
#[derive(Debug, Clone)]
pub(crate) struct Published<'a> {
    pub(crate) name: &'static str,
    /// The name of its folder in the cache and in the system's dataset folder.
    pub(crate) folder: &'static str,
    /// Where torchvision puts it below a root of its own.
    pub(crate) torchvision_folder: &'static str,
    /// Folders on the network that hold the files one by one, compressed, as addresses that end in a slash.
    pub(crate) mirrors: &'static [&'static str],
    /// The distribution's package that puts the files into the system's dataset folder.
    pub(crate) package: Option<&'static str>,
    pub(crate) class_names: &'a [&'a str],
    pub(crate) train: ImagesAndLabels,
    /// Where there is none, `train` is all that is asked for.
    pub(crate) test: Option<ImagesAndLabels>,
    /// All files in one archive, where they are not published one by one.
    pub(crate) archive: Option<Parcel>,
}

/// The two files of a split.
#[derive(Debug, Clone)]
pub(crate) struct ImagesAndLabels {
    pub(crate) images: IdxFile,
    pub(crate) labels: IdxFile,
}

/// A file in IDX form.
#[derive(Debug, Clone)]
pub(crate) struct IdxFile {
    /// Without `.gz`.
    pub(crate) name: Cow<'static, str>,
    pub(crate) digest: Option<Digest>,
    /// Whether it is published as `.xz` and not as `.gz`.
    pub(crate) is_xz: bool,
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
        self.publication(&|name, path| self.check(name, path))
            .load(folder, |place| self.load_from(split, place))
    }

    /// Brings all files into the folder, or, where none is given, into the cache, unless they are in one of
    /// the places already; returns where they are.
    pub(crate) fn fetch(&self, folder: Option<&Path>, progress: &dyn Progress) -> Result<PathBuf> {
        self.publication(&|name, path| self.check(name, path)).fetch(folder, progress)
    }

    fn publication<'a>(&self, check: &'a dyn Fn(&str, &Path) -> Result<()>) -> Publication<'a> {
        Publication {
            name: self.name,
            folder: self.folder,
            inner: format!("{}/raw", self.torchvision_folder),
            files: self.files().map(|file| file.name.clone()).collect(),
            parcels: self.parcels(),
            package: self.package,
            in_which_form: ", with or without .gz,",
            find,
            check,
        }
    }

    fn parcels(&self) -> Vec<Parcel> {
        match &self.archive {
            Some(archive) => vec![archive.clone()],
            None => self.files().filter_map(|file| file.parcel(self.mirrors)).collect(),
        }
    }

    fn files(&self) -> impl Iterator<Item = &IdxFile> {
        [&self.train].into_iter().chain(&self.test).flat_map(|pair| [&pair.images, &pair.labels])
    }

    fn check(&self, name: &str, path: &Path) -> Result<()> {
        match self.files().find(|file| file.name == name) {
            Some(file @ IdxFile { digest: Some(Digest::Content(_)), .. }) => file.read(path).map(drop),
            _ => check_noted(path).and_then(|()| Kind::of(name).check(path)),
        }
    }

    /// `None` where the files are not there.
    fn load_from(&self, split: Split, folder: &Path) -> Result<Option<ImageBytes>> {
        let files = match split {
            Split::Train => &self.train,
            Split::Test => self.test.as_ref().unwrap_or(&self.train),
        };
        let (Some(images), Some(labels)) =
            (find(folder, &files.images.name), find(folder, &files.labels.name))
        else {
            return Ok(None);
        };
        let read_images = files.images.read(&images)?;
        let read_labels = files.labels.read(&labels)?;
        paired((&images, read_images), (&labels, read_labels), self.class_names).map(Some)
    }
}

impl IdxFile {
    /// A file whose decompressed bytes have this SHA-256.
    pub(crate) const fn pinned(name: &'static str, sha256: &str) -> Self {
        let digest = Some(Digest::Content(Sha256Digest::from_hex(sha256)));
        Self { name: Cow::Borrowed(name), digest, is_xz: false }
    }

    /// A file that is published compressed, with this SHA-256.
    pub(crate) const fn published(name: &'static str, sha256: &str) -> Self {
        let digest = Some(Digest::Sha256(Sha256Digest::from_hex(sha256)));
        Self { name: Cow::Borrowed(name), digest, is_xz: false }
    }

    /// A file that is published as `.xz`, with this MD5.
    pub(crate) const fn published_as_xz(name: &'static str, md5: &str) -> Self {
        let digest = Some(Digest::Md5(Md5Digest::from_hex(md5)));
        Self { name: Cow::Borrowed(name), digest, is_xz: true }
    }

    /// A file that is published in an archive.
    pub(crate) fn archived(name: String) -> Self {
        Self { name: Cow::Owned(name), digest: None, is_xz: false }
    }

    fn parcel(&self, mirrors: &'static [&'static str]) -> Option<Parcel> {
        let (ending, packing) = if self.is_xz { ("xz", Packing::Xz) } else { ("gz", Packing::Gzip) };
        let name = format!("{}.{ending}", self.name).into();
        let edition = Edition { name, mirrors, digest: self.digest?, packing };
        Some(Parcel { files: vec![self.name.clone()], editions: vec![edition] })
    }

    /// Reads the file and refuses it where it is not the published one, as far as that is known.
    fn read(&self, path: &Path) -> Result<Idx> {
        let Some(Digest::Content(expected)) = self.digest else {
            check_noted(path)?;
            return Kind::of(&self.name).read(path);
        };
        let idx = Kind::of(&self.name).read(path)?;
        let (length, found) = idx.sha256();
        if found == expected {
            return Ok(idx);
        }
        let (path, expected, found) = (path.to_path_buf(), expected.to_string(), found.to_string());
        Err(Error::Checksum { path, length, expected, found })
    }
}

impl Kind {
    /// The names of the family say it.
    fn of(name: &str) -> Self {
        if name.contains("idx3") {
            Self::Images
        } else if name.contains("idx2") {
            Self::Records
        } else {
            Self::Labels
        }
    }

    fn read(self, path: &Path) -> Result<Idx> {
        match self {
            Self::Images => Idx::read(path, 3),
            Self::Labels => Idx::read(path, 1),
            Self::Records => Idx::read_first_of_records(path),
        }
    }

    /// Refuses a file of another form, without keeping it in memory.
    fn check(self, path: &Path) -> Result<()> {
        match self {
            Self::Images => Idx::check(path, 3),
            Self::Labels => Idx::check(path, 1),
            Self::Records => Idx::check_records(path),
        }
    }
}

/// The file in a folder, raw or gzip.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    [name.to_owned(), format!("{name}.gz")].iter().map(|name| folder.join(name)).find(|path| path.is_file())
}
