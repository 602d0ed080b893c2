use std::borrow::Cow;
use std::path::PathBuf;

use selvedge_fetch::{Progress, Sha256Digest};
use serde::{Deserialize, Serialize};

use super::published::{IdxFile, ImagesAndLabels, Published};
use crate::publication::{Digest, Edition, Packing, Parcel};
use crate::{ImageBytes, Result, Split};

/// Grey images, 28 by 28, of handwritten letters and digits; torchvision's `EMNIST`.
///
/// As in torchvision, the images are those of the files, which lie on their side: rows are columns.
///
/// The archive that is fetched has to have the published SHA-256; its files are held to the SHA-256 that they had then
/// whenever they are loaded. Files that were put into a folder by hand are held to their form alone.
///
/// Differs from torchvision: the split that torchvision's `split` names is called [`subset`](Self::subset), and its
/// `train` is [`split`](Self::split).
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
    const ALL: [Self; 6] =
        [Self::ByClass, Self::ByMerge, Self::Balanced, Self::Letters, Self::Digits, Self::Mnist];

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
    /// given folder can not be read, is not a whole IDX file or is not the one that was fetched.
    pub fn load(&self) -> Result<ImageBytes> {
        let names = self.subset.class_names();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.published(&names).load(self.split, self.folder.as_deref())
    }

    /// Brings the files of all subsets and both splits (536 MB) into `folder`, or, where that is none, into the
    /// cache, unless those of this subset are already where [`load`](Self::load) looks; returns the folder that has
    /// them.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`](crate::Error::Unavailable) with what was wrong with each source;
    /// [`Error::Fetch`](crate::Error::Fetch) when the disk does not take the files.
    pub fn fetch(&self, progress: &dyn Progress) -> Result<PathBuf> {
        self.published(&[]).fetch(self.folder.as_deref(), progress)
    }

    fn published<'a>(&self, class_names: &'a [&'a str]) -> Published<'a> {
        let pair = |split| {
            let [images, labels] = names(self.subset, split);
            ImagesAndLabels { images: IdxFile::archived(images), labels: IdxFile::archived(labels) }
        };
        let both =
            |subset| [Split::Train, Split::Test].into_iter().flat_map(move |split| names(subset, split));
        let all = EmnistSubset::ALL.into_iter().flat_map(both);
        Published {
            name: "EMNIST",
            folder: "emnist",
            torchvision_folder: "EMNIST",
            class_names,
            mirrors: &[],
            package: None,
            train: pair(Split::Train),
            test: Some(pair(Split::Test)),
            archive: Some(Parcel {
                files: all.map(|name| Cow::Owned(format!("{name}.gz"))).collect(),
                editions: vec![NIST, AUTHORS],
            }),
        }
    }
}

const NIST: Edition = Edition {
    name: Cow::Borrowed("gzip.zip"),
    mirrors: &["https://biometrics.nist.gov/cs_links/EMNIST/"],
    digest: Digest::Sha256(Sha256Digest::from_hex(
        "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
    )),
    packing: Packing::Zip("gzip"),
};

/// The same files, which the authors' university has packed.
const AUTHORS: Edition = Edition {
    name: Cow::Borrowed("emnist-gzip.zip"),
    mirrors: &["https://rds.westernsydney.edu.au/Institutes/MARCS/BENS/EMNIST/"],
    digest: Digest::Sha256(Sha256Digest::from_hex(
        "909a2a39c5e86bdd7662425e9b9c4a49bb582bf8d0edad427f3c3a9d0c6f7259",
    )),
    packing: Packing::Zip("gzip"),
};

/// The names of the image file and the label file.
fn names(subset: EmnistSubset, split: Split) -> [String; 2] {
    ["images-idx3", "labels-idx1"].map(|what| format!("emnist-{}-{split}-{what}-ubyte", subset.name()))
}
