use super::idx_dataset;
use super::published::{IdxFile, ImagesAndLabels, Published};

idx_dataset! {
    /// 70,000 grey images, 28 by 28, of ten kinds of garment; torchvision's `FashionMNIST`.
    ///
    /// ```no_run
    /// use selvedge_data::{Dataset, FashionMnist, Silent};
    ///
    /// FashionMnist::default().fetch(&Silent)?;
    /// let train = FashionMnist::train().load()?;
    /// assert_eq!(train.len(), 60_000);
    /// assert_eq!(train.class_names()[9], "Ankle boot");
    /// # Ok::<(), selvedge_data::Error>(())
    /// ```
    ///
    /// Source: Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
    /// Algorithms", 2017.
    FashionMnist
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
        images: IdxFile::pinned(
            "train-images-idx3-ubyte",
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        labels: IdxFile::pinned(
            "train-labels-idx1-ubyte",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
    },
    test: Some(ImagesAndLabels {
        images: IdxFile::pinned(
            "t10k-images-idx3-ubyte",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        labels: IdxFile::pinned(
            "t10k-labels-idx1-ubyte",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    }),
    archive: None,
};
