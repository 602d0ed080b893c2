use std::path::PathBuf;

use selvedge_fetch::Progress;
use serde::{Deserialize, Serialize};

use crate::published::{IdxFile, ImagesAndLabels, Published};
use crate::{ImageBytes, Result, Split};

/// 70,000 grey images, 28 by 28, of ten kinds of garment; torchvision's `FashionMNIST`.
///
/// ```no_run
/// use selvedge_data::{Dataset, FashionMnist};
///
/// let train = FashionMnist::train().load()?;
/// assert_eq!(train.len(), 60_000);
/// assert_eq!(train.class_names()[9], "Ankle boot");
/// # Ok::<(), selvedge_data::Error>(())
/// ```
///
/// Source: Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
/// Algorithms", 2017.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FashionMnist {
    /// Which part. Default: the 60,000 images of [`Split::Train`]; [`Split::Test`] has 10,000.
    pub split: Split,
    /// The folder that holds the IDX files, raw or gzip, or torchvision's root of them. Default: none, which
    /// looks into the system's dataset folder and then into the cache.
    pub folder: Option<PathBuf>,
}

impl FashionMnist {
    /// The names of the classes, by label.
    pub const CLASS_NAMES: [&'static str; 10] = [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ];

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

    /// Reads the images and labels of the split into memory and verifies them. Does not touch the network.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) when the files are not there; another when a file of the
    /// given folder can not be read, is not a whole IDX file or is not the published one.
    pub fn load(&self) -> Result<ImageBytes> {
        PUBLISHED.load(self.split, self.folder.as_deref())
    }

    /// Brings the files of both splits into `folder`, or, where that is none, into the cache, unless they are
    /// already where [`load`](Self::load) looks; returns the folder that has them.
    ///
    /// The mirrors are asked in turn, then the distribution's package is unpacked, without root. Whatever the
    /// source, the decompressed bytes have to be the published ones, and a file gets its name when it is whole.
    ///
    /// ```no_run
    /// use selvedge_data::{FashionMnist, Silent};
    ///
    /// FashionMnist::default().fetch(&Silent)?;
    /// let test = FashionMnist::test().load()?;
    /// # Ok::<(), selvedge_data::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`](crate::Error::Unavailable) with what was wrong with each source;
    /// [`Error::Fetch`](crate::Error::Fetch) when the disk does not take the files.
    pub fn fetch(&self, progress: &dyn Progress) -> Result<PathBuf> {
        PUBLISHED.fetch(self.folder.as_deref(), progress)
    }
}

const PUBLISHED: Published = Published {
    name: "Fashion-MNIST",
    folder: "fashion-mnist",
    torchvision_folder: "FashionMNIST",
    class_names: &FashionMnist::CLASS_NAMES,
    mirrors: &[
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        // It does not speak HTTPS; the digests tell the files all the same.
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ],
    package: Some("dataset-fashion-mnist"),
    train: ImagesAndLabels {
        images: IdxFile::images(
            "train-images-idx3-ubyte",
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        labels: IdxFile::labels(
            "train-labels-idx1-ubyte",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
    },
    test: ImagesAndLabels {
        images: IdxFile::images(
            "t10k-images-idx3-ubyte",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        labels: IdxFile::labels(
            "t10k-labels-idx1-ubyte",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    },
};
