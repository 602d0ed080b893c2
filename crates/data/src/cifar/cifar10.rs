use std::path::PathBuf;

use selvedge_fetch::{Progress, Sha256Digest};
use serde::{Deserialize, Serialize};

use super::records::Cifar;
use crate::{ImageBytes, Result, Split};

/// 60,000 colour images, 32 by 32, of ten classes; torchvision's `CIFAR10`.
///
/// ```no_run
/// use selvedge_data::{Cifar10, Dataset, Silent};
///
/// Cifar10::default().fetch(&Silent)?;
/// let train = Cifar10::train().load()?;
/// assert_eq!(train.len(), 50_000);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
///
/// Differs from torchvision: of the published archives it is the binary version (`data_batch_1.bin` and so on).
///
/// Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cifar10 {
    /// Which part. Default: [`Split::Train`].
    pub split: Split,
    /// The folder that holds the files, or one that holds it as `cifar-10-batches-bin`. Default: none, which looks
    /// into the system's dataset folder and then into the cache.
    pub folder: Option<PathBuf>,
}

const TRAIN: [&str; 5] =
    ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];
const TEST: [&str; 1] = ["test_batch.bin"];

const CIFAR: Cifar = Cifar {
    name: "CIFAR-10",
    folder: "cifar-10",
    archive: "cifar-10-binary.tar.gz",
    mirrors: &[
        "https://www.cs.toronto.edu/~kriz/",
        "https://cave.cs.toronto.edu/kriz/",
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
    ],
    sha256: Sha256Digest::from_hex("c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
    inside: "cifar-10-batches-bin",
    files: &[TRAIN[0], TRAIN[1], TRAIN[2], TRAIN[3], TRAIN[4], TEST[0]],
    labels: 1,
    classes: 10,
};

impl Cifar10 {
    /// The names of the classes, by label.
    pub const CLASS_NAMES: [&'static str; 10] =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

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

    /// Reads the images and labels into memory. Does not touch the network.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) when the files are not there; another when a file of the
    /// given folder can not be read, is not a whole number of records, has a label that is no class, or is not
    /// the one that was fetched.
    pub fn load(&self) -> Result<ImageBytes> {
        let names: &[&str] = match self.split {
            Split::Train => &TRAIN,
            Split::Test => &TEST,
        };
        let class_names = Self::CLASS_NAMES.map(str::to_owned);
        let publication = CIFAR.publication(&|_, path| CIFAR.check(path));
        publication
            .load(self.folder.as_deref(), |folder| CIFAR.read(folder, names, class_names.clone().into()))
    }

    /// Brings the files of both splits (162 MB) into `folder`, or, where that is none, into the cache, unless they
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
        CIFAR.publication(&|_, path| CIFAR.check(path)).fetch(self.folder.as_deref(), progress)
    }
}
