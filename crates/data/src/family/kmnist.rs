use super::idx_dataset;
use super::published::{IdxFile, ImagesAndLabels, Published};

idx_dataset! {
    /// 70,000 grey images, 28 by 28, of ten cursive hiragana; torchvision's `KMNIST`.
    ///
    /// What is fetched has to have the MD5 that torchvision gives, and is held to the SHA-256 that it had then
    /// whenever it is loaded; files that were put into a folder by hand are held to their form alone.
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
    mirrors: &[
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    ],
    package: None,
    train: ImagesAndLabels {
        images: IdxFile::published("train-images-idx3-ubyte", "bdb82020997e1d708af4cf47b453dcf7"),
        labels: IdxFile::published("train-labels-idx1-ubyte", "e144d726b3acfaa3e44228e80efcd344"),
    },
    test: Some(ImagesAndLabels {
        images: IdxFile::published("t10k-images-idx3-ubyte", "5c965bf0a639b31b8f53240b1b52f4d7"),
        labels: IdxFile::published("t10k-labels-idx1-ubyte", "7320c461ea6c1c855c0b718fb2a4b134"),
    }),
    archive: None,
};
