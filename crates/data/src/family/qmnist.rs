use std::path::PathBuf;

use selvedge_fetch::Progress;
use serde::{Deserialize, Serialize};

use super::published::{IdxFile, ImagesAndLabels, Published};
use crate::{ImageBytes, Mnist, Result, Split};

/// MNIST with the test images that were lost to it, and who wrote them; torchvision's `QMNIST`.
///
/// The labels are the digits, as with torchvision's `compat=True`.
///
/// What is fetched has to have the published SHA-256, or, for `nist`, the MD5 that torchvision gives, and is held to
/// the SHA-256 that it had then whenever it is loaded; files that were put into a folder by hand are held to their form alone. `nist` is read unpacked: its
/// `.xz` is not.
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
    /// given folder can not be read, is not a whole IDX file or is not the one that was fetched.
    pub fn load(&self) -> Result<ImageBytes> {
        let all = self.published().load(Split::Train, self.folder.as_deref())?;
        Ok(match self.what {
            QmnistSubset::Test10k => all.truncated(MNIST_TEST),
            QmnistSubset::Test50k => all.without_first(MNIST_TEST),
            QmnistSubset::Train | QmnistSubset::Test | QmnistSubset::Nist => all,
        })
    }

    /// Brings the files of these images into `folder`, or, where that is none, into the cache, unless they are
    /// already where [`load`](Self::load) looks; returns the folder that has them.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`](crate::Error::Unavailable) with what was wrong with each source;
    /// [`Error::Fetch`](crate::Error::Fetch) when the disk does not take the files.
    pub fn fetch(&self, progress: &dyn Progress) -> Result<PathBuf> {
        self.published().fetch(self.folder.as_deref(), progress)
    }

    fn published(&self) -> Published<'static> {
        let files = match self.what {
            QmnistSubset::Train => TRAIN,
            QmnistSubset::Test | QmnistSubset::Test10k | QmnistSubset::Test50k => TEST,
            QmnistSubset::Nist => NIST,
        };
        Published {
            name: "QMNIST",
            folder: "qmnist",
            torchvision_folder: "QMNIST",
            class_names: &Mnist::CLASS_NAMES,
            mirrors: &[
                "https://raw.githubusercontent.com/facebookresearch/qmnist/master/",
                // The branch has been renamed, and nobody promises that the old name leads there for ever.
                "https://github.com/facebookresearch/qmnist/raw/main/",
            ],
            package: None,
            train: files,
            test: None,
            archive: None,
        }
    }
}

const TRAIN: ImagesAndLabels = ImagesAndLabels {
    images: IdxFile::published(
        "qmnist-train-images-idx3-ubyte",
        "9e26a7bf1683614e065d7b76460ccd52807165b3f22561fb782bd9f38c52b51d",
    ),
    labels: IdxFile::published(
        "qmnist-train-labels-idx2-int",
        "2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
    ),
};
const TEST: ImagesAndLabels = ImagesAndLabels {
    images: IdxFile::published(
        "qmnist-test-images-idx3-ubyte",
        "43fc22bf7498b8fc98de98369d72f752d0deabc280a43a7bcc364ab19e57b375",
    ),
    labels: IdxFile::published(
        "qmnist-test-labels-idx2-int",
        "9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06",
    ),
};
const NIST: ImagesAndLabels = ImagesAndLabels {
    images: IdxFile::published_as_xz("xnist-images-idx3-ubyte", "7f124b3b8ab81486c9d8c2749c17f834"),
    labels: IdxFile::published_as_xz("xnist-labels-idx2-int", "5ed0e788978e45d4a8bd4b7caec3d79d"),
};
