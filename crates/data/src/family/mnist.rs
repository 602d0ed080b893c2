use super::idx_dataset;
use super::published::{IdxFile, ImagesAndLabels, Published};

idx_dataset! {
    /// 70,000 grey images, 28 by 28, of handwritten digits; torchvision's `MNIST`.
    ///
    /// Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998.
    Mnist
}

impl Mnist {
    /// The names of the classes, by label.
    pub const CLASS_NAMES: [&'static str; 10] = [
        "0 - zero",
        "1 - one",
        "2 - two",
        "3 - three",
        "4 - four",
        "5 - five",
        "6 - six",
        "7 - seven",
        "8 - eight",
        "9 - nine",
    ];
}

const PUBLISHED: Published = Published {
    name: "MNIST",
    folder: "mnist",
    torchvision_folder: "MNIST",
    class_names: &Mnist::CLASS_NAMES,
    mirrors: &[
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ],
    package: None,
    train: ImagesAndLabels {
        images: IdxFile::pinned(
            "train-images-idx3-ubyte",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        labels: IdxFile::pinned(
            "train-labels-idx1-ubyte",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
    },
    test: Some(ImagesAndLabels {
        images: IdxFile::pinned(
            "t10k-images-idx3-ubyte",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        labels: IdxFile::pinned(
            "t10k-labels-idx1-ubyte",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    }),
    archive: None,
};
