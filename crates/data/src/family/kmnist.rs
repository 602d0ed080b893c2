use super::idx_dataset;
use super::published::{IdxFile, ImagesAndLabels, Published};

idx_dataset! {
    /// 70,000 grey images, 28 by 28, of ten cursive hiragana; torchvision's `KMNIST`.
    ///
    /// What is fetched has to have the published SHA-256, and is held to the SHA-256 that it had then whenever it is
    /// loaded; files that were put into a folder by hand are held to their form alone.
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
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/KMNIST/",
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    ],
    package: None,
    train: ImagesAndLabels {
        images: IdxFile::published(
            "train-images-idx3-ubyte",
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
        ),
        labels: IdxFile::published(
            "train-labels-idx1-ubyte",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
        ),
    },
    test: Some(ImagesAndLabels {
        images: IdxFile::published(
            "t10k-images-idx3-ubyte",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
        ),
        labels: IdxFile::published(
            "t10k-labels-idx1-ubyte",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ),
    }),
    archive: None,
};
