use std::fs;
use std::path::{Path, PathBuf};

use selvedge_fetch::{Progress, Sha256Digest};
use serde::{Deserialize, Serialize};

use super::records::Cifar;
use crate::publication::{Publication, check_noted};
use crate::{Error, ImageBytes, Result, Split};

/// 60,000 colour images, 32 by 32, of a hundred classes; torchvision's `CIFAR100`.
///
/// ```no_run
/// use selvedge_data::{Cifar100, Dataset, Silent};
///
/// Cifar100::default().fetch(&Silent)?;
/// let train = Cifar100::train().load()?;
/// assert_eq!(train.class_names()[0], "apple");
/// # Ok::<(), selvedge_data::Error>(())
/// ```
///
/// Differs from torchvision: of the published archives it is the binary version (`train.bin`, `test.bin`).
///
/// Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cifar100 {
    /// Which part. Default: [`Split::Train`].
    pub split: Split,
    /// The folder that holds the files, or one that holds it as `cifar-100-binary`. Default: none, which looks
    /// into the system's dataset folder and then into the cache.
    pub folder: Option<PathBuf>,
}

const NAMES: &str = "fine_label_names.txt";

const CIFAR: Cifar = Cifar {
    name: "CIFAR-100",
    folder: "cifar-100",
    archive: "cifar-100-binary.tar.gz",
    mirrors: &["https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"],
    sha256: Sha256Digest::from_hex("58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"),
    inside: "cifar-100-binary",
    files: &["train.bin", "test.bin", NAMES],
    labels: 2,
    classes: 100,
};

impl Cifar100 {
    /// The images to learn from.
    #[must_use]
    pub fn train() -> Self {
        Self::default()
    }

    /// The images to test on.
    #[must_use]
    pub fn test() -> Self {
        Self { split: Split::Test, ..Self::default() }
    }

    /// Reads the images and their fine labels into memory. The names of the classes are those of
    /// `fine_label_names.txt`, or the numbers where that is not there. Does not touch the network.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) when the files are not there; another when a file of the
    /// given folder can not be read, is not a whole number of records, has a label that is no class, or is not
    /// the one that was fetched.
    pub fn load(&self) -> Result<ImageBytes> {
        let file = format!("{}.bin", self.split);
        publication().load(self.folder.as_deref(), |folder| {
            let path = folder.join(NAMES);
            let names = if path.is_file() { class_names(&path)? } else { numbers() };
            CIFAR.read(folder, &[&file], names)
        })
    }

    /// Brings the files of both splits (161 MB) into `folder`, or, where that is none, into the cache, unless they
    /// are already where [`load`](Self::load) looks; returns the folder that has them.
    ///
    /// The archive has to have the published SHA-256. What is unpacked gets its name when it is whole,
    /// and is held to the SHA-256 that it had then whenever it is loaded.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`](crate::Error::Unavailable) with what was wrong with each source;
    /// [`Error::Fetch`](crate::Error::Fetch) when the disk does not take the files.
    pub fn fetch(&self, progress: &dyn Progress) -> Result<PathBuf> {
        publication().fetch(self.folder.as_deref(), progress)
    }
}

fn publication() -> Publication<'static> {
    CIFAR.publication(&|name, path| {
        if name == NAMES { class_names(path).map(drop) } else { CIFAR.check(path) }
    })
}

fn numbers() -> Vec<String> {
    (0..CIFAR.classes).map(|number| number.to_string()).collect()
}

/// The names in a file that has one in each line.
fn class_names(path: &Path) -> Result<Vec<String>> {
    check_noted(path)?;
    let text = fs::read_to_string(path).map_err(Error::io(path))?;
    let names: Vec<String> =
        text.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if names.len() == CIFAR.classes {
        return Ok(names);
    }
    let (expected, found) = (format!("{} names of classes", CIFAR.classes), names.len().to_string());
    Err(Error::Format { path: path.to_path_buf(), what: "lines", expected, found })
}
