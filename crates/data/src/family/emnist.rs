use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::published::{IdxFile, ImagesAndLabels, Published};
use crate::{ImageBytes, Result, Split};

/// Grey images, 28 by 28, of handwritten letters and digits; torchvision's `EMNIST`.
///
/// As in torchvision, the images are those of the files, which lie on their side: rows are columns.
///
/// Differs from torchvision: the files are read from a folder, not fetched, and held to their form alone; the
/// split that torchvision's `split` names is called [`subset`](Self::subset), and its `train` is
/// [`split`](Self::split).
///
/// Source: Cohen, Afshar, Tapson and van Schaik, "EMNIST: an extension of MNIST to handwritten letters", 2017.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Emnist {
    /// Which of the six sets. Default: [`EmnistSubset::Balanced`].
    pub subset: EmnistSubset,
    /// Which part. Default: [`Split::Train`].
    pub split: Split,
    /// The folder that holds the IDX files, raw or gzip, or torchvision's root of them. Default: none, which
    /// looks into the system's dataset folder and then into the cache.
    pub folder: Option<PathBuf>,
}

/// The sets that [`Emnist`] comes as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmnistSubset {
    /// 62 classes: digits, capital and small letters.
    ByClass,
    /// 47 classes: small letters that look like their capitals are merged with them.
    ByMerge,
    /// The classes of [`ByMerge`](Self::ByMerge), equally often.
    #[default]
    Balanced,
    /// 26 letters, labelled 1 to 26.
    Letters,
    /// Ten digits.
    Digits,
    /// Ten digits, as many as in MNIST.
    Mnist,
}

impl EmnistSubset {
    fn name(self) -> &'static str {
        match self {
            Self::ByClass => "byclass",
            Self::ByMerge => "bymerge",
            Self::Balanced => "balanced",
            Self::Letters => "letters",
            Self::Digits => "digits",
            Self::Mnist => "mnist",
        }
    }

    /// The names of the classes, by label. No image has the class 0 of [`Letters`](Self::Letters).
    #[must_use]
    pub fn class_names(self) -> Vec<String> {
        let digits = '0'..='9';
        let capitals = 'A'..='Z';
        let small = 'a'..='z';
        let unmerged = small.clone().filter(|letter| !"cijklmopsuvwxyz".contains(*letter));
        let characters: Vec<char> = match self {
            Self::ByClass => digits.chain(capitals).chain(small).collect(),
            Self::ByMerge | Self::Balanced => digits.chain(capitals).chain(unmerged).collect(),
            Self::Letters => return ["N/A".to_owned()].into_iter().chain(small.map(String::from)).collect(),
            Self::Digits | Self::Mnist => digits.collect(),
        };
        characters.into_iter().map(String::from).collect()
    }
}

impl Emnist {
    /// Reads the images and labels into memory. Does not touch the network.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) when the files are not there; another when a file of the
    /// given folder can not be read or is not a whole IDX file.
    pub fn load(&self) -> Result<ImageBytes> {
        let names = self.subset.class_names();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let pair = |split| {
            let name = |what| format!("emnist-{}-{split}-{what}-ubyte", self.subset.name()).into();
            ImagesAndLabels {
                images: IdxFile::any_images(name("images-idx3")),
                labels: IdxFile::any_labels(name("labels-idx1")),
            }
        };
        let published = Published {
            name: "EMNIST",
            folder: "emnist",
            torchvision_folder: "EMNIST",
            class_names: &names,
            mirrors: &[],
            package: None,
            train: pair("train"),
            test: pair("test"),
        };
        published.load(self.split, self.folder.as_deref())
    }
}
