use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use selvedge_fetch::Sha256Digest;

use crate::publication::{Digest, Edition, Packing, Parcel, Publication, check_noted};
use crate::{Error, ImageBytes, Result, Shape};

const SHAPE: Shape = Shape::new(3, 32, 32);

/// One of the two datasets: how it is published and what its records begin with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cifar {
    pub(super) name: &'static str,
    /// The name of its folder in the cache and in the system's dataset folder.
    pub(super) folder: &'static str,
    pub(super) archive: &'static str,
    /// Folders on the network that have the archive.
    pub(super) mirrors: &'static [&'static str],
    /// Of the archive.
    pub(super) sha256: Sha256Digest,
    /// The folder in the archive.
    pub(super) inside: &'static str,
    /// The files that are fetched.
    pub(super) files: &'static [&'static str],
    /// How many labels a record has; the last one is used.
    pub(super) labels: usize,
    /// How many classes there are.
    pub(super) classes: usize,
}

impl Cifar {
    /// With `check` for the files that are not records.
    pub(super) fn publication<'a>(&self, check: &'a dyn Fn(&str, &Path) -> Result<()>) -> Publication<'a> {
        let files: Vec<_> = self.files.iter().map(|&name| Cow::Borrowed(name)).collect();
        Publication {
            name: self.name,
            folder: self.folder,
            inner: self.inside.to_owned(),
            parcels: vec![Parcel {
                files: files.clone(),
                editions: vec![Edition {
                    name: self.archive.into(),
                    mirrors: self.mirrors,
                    digest: Digest::Sha256(self.sha256),
                    packing: Packing::TarGzip(self.inside),
                }],
            }],
            files,
            package: None,
            in_which_form: "",
            find,
            check,
        }
    }

    /// Refuses a file that is not whole records of these classes, or not the one that was noted.
    pub(super) fn check(&self, path: &Path) -> Result<()> {
        check_noted(path)?;
        self.each(path, |_, _| {})
    }

    /// The images and labels of some files in `folder`; `None` where one of the files is not there.
    pub(super) fn read(
        &self,
        folder: &Path,
        names: &[&str],
        class_names: Vec<String>,
    ) -> Result<Option<ImageBytes>> {
        let Some(paths) = names.iter().map(|name| find(folder, name)).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for path in paths {
            check_noted(&path)?;
            let length = path.metadata().map_err(Error::io(&path))?.len() as usize;
            pixels.reserve_exact(length / self.record() * SHAPE.numel());
            self.each(&path, |class, image| {
                labels.push(i64::from(class));
                pixels.extend_from_slice(image);
            })?;
        }
        ImageBytes::new(SHAPE, pixels, labels, class_names).map(Some)
    }

    fn record(&self) -> usize {
        self.labels + SHAPE.numel()
    }

    /// Shows each record's class and image.
    fn each(&self, path: &Path, mut show: impl FnMut(u8, &[u8])) -> Result<()> {
        let wrong = |what, expected, found| Error::Format { path: path.to_path_buf(), what, expected, found };
        let file = File::open(path).map_err(Error::io(path))?;
        let length = file.metadata().map_err(Error::io(path))?.len();
        let record = self.record();
        if length == 0 || !length.is_multiple_of(record as u64) {
            let expected = format!("a whole number of records of {record} bytes");
            return Err(wrong("length", expected, format!("{length} bytes")));
        }
        let mut reader = BufReader::with_capacity(128 * 1024, file);
        let mut bytes = vec![0; record];
        for number in 0..length / record as u64 {
            reader.read_exact(&mut bytes).map_err(Error::io(path))?;
            let (head, image) = bytes.split_at(self.labels);
            let class = head[self.labels - 1];
            if usize::from(class) >= self.classes {
                let expected = format!("0 to {}", self.classes - 1);
                return Err(wrong("labels", expected, format!("{class} in record {number}")));
            }
            show(class, image);
        }
        Ok(())
    }
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    Some(folder.join(name)).filter(|path| path.is_file())
}
