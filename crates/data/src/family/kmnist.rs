use std::borrow::Cow;

use super::idx_dataset;
use super::published::{IdxFile, ImagesAndLabels, Published};

idx_dataset! {
    /// 70,000 grey images, 28 by 28, of ten cursive hiragana; torchvision's `KMNIST`.
    ///
    /// Differs from torchvision: the files are read from a folder, not fetched, and held to their form alone.
    ///
    /// Source: Clanuwat et al., "Deep Learning for Classical Japanese Literature", 2018.
    Kmnist
}

impl Kmnist {
    /// The names of the classes, by label.
    pub const CLASS_NAMES: [&'static str; 10] = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"];
}

const PUBLISHED: Published = Published {
    name: "KMNIST",
    folder: "kmnist",
    torchvision_folder: "KMNIST",
    class_names: &Kmnist::CLASS_NAMES,
    mirrors: &[],
    package: None,
    train: ImagesAndLabels {
        images: IdxFile::any_images(Cow::Borrowed("train-images-idx3-ubyte")),
        labels: IdxFile::any_labels(Cow::Borrowed("train-labels-idx1-ubyte")),
    },
    test: ImagesAndLabels {
        images: IdxFile::any_images(Cow::Borrowed("t10k-images-idx3-ubyte")),
        labels: IdxFile::any_labels(Cow::Borrowed("t10k-labels-idx1-ubyte")),
    },
};
