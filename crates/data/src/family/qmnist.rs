use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::published::{IdxFile, ImagesAndLabels, Published};
use crate::{ImageBytes, Mnist, Result, Split};

/// MNIST with the test images that were lost to it, and who wrote them; torchvision's `QMNIST`.
///
/// The labels are the digits, as with torchvision's `compat=True`.
///
/// Differs from torchvision: the files are read from a folder, not fetched, and held to their form alone;
/// `nist` has to be unpacked, as it comes as `.xz`.
///
/// Source: Yadav and Bottou, "Cold Case: the Lost MNIST Digits", 2019.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Qmnist {
    /// Which images; torchvision's `what`. Default: [`QmnistSubset::Train`].
    pub what: QmnistSubset,
    /// The folder that holds the IDX files, raw or gzip, or torchvision's root of them. Default: none, which
    /// looks into the system's dataset folder and then into the cache.
    pub folder: Option<PathBuf>,
}

/// The sets that [`Qmnist`] comes as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QmnistSubset {
    /// MNIST's 60,000 training images.
    #[default]
    Train,
    /// 60,000 test images.
    Test,
    /// The first 10,000 test images, which are MNIST's.
    Test10k,
    /// The other 50,000.
    Test50k,
    /// All 402,953 digits of NIST.
    Nist,
}

/// How many of the test images are MNIST's.
const MNIST_TEST: usize = 10_000;

impl Qmnist {
    /// Reads the images and labels into memory. Does not touch the network.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) when the files are not there; another when a file of the
    /// given folder can not be read or is not a whole IDX file.
    pub fn load(&self) -> Result<ImageBytes> {
        let pair = |name| ImagesAndLabels {
            images: IdxFile::any_images(format!("{name}-images-idx3-ubyte").into()),
            labels: IdxFile::records(format!("{name}-labels-idx2-int").into()),
        };
        let published = Published {
            name: "QMNIST",
            folder: "qmnist",
            torchvision_folder: "QMNIST",
            class_names: &Mnist::CLASS_NAMES,
            mirrors: &[],
            package: None,
            train: pair(if self.what == QmnistSubset::Nist { "xnist" } else { "qmnist-train" }),
            test: pair("qmnist-test"),
        };
        let split = match self.what {
            QmnistSubset::Train | QmnistSubset::Nist => Split::Train,
            QmnistSubset::Test | QmnistSubset::Test10k | QmnistSubset::Test50k => Split::Test,
        };
        let all = published.load(split, self.folder.as_deref())?;
        Ok(match self.what {
            QmnistSubset::Test10k => all.truncated(MNIST_TEST),
            QmnistSubset::Test50k => all.without_first(MNIST_TEST),
            QmnistSubset::Train | QmnistSubset::Test | QmnistSubset::Nist => all,
        })
    }
}
