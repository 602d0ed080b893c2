use std::fmt;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use selvedge_data::{
    Emnist, EmnistSubset, FashionMnist, ImageBytes, Kmnist, Mnist, Progress, Qmnist, QmnistSubset, Split,
};
use serde::{Deserialize, Serialize};

use crate::named::name_of;

/// The datasets that the networks fit: grey images, 28 by 28, of ten classes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub(crate) enum Source {
    /// Garments
    #[default]
    #[serde(rename = "FashionMNIST")]
    #[value(name = "FashionMNIST")]
    FashionMnist,
    /// Handwritten digits
    #[serde(rename = "MNIST")]
    #[value(name = "MNIST")]
    Mnist,
    /// Cursive hiragana
    #[serde(rename = "KMNIST")]
    #[value(name = "KMNIST")]
    Kmnist,
    /// Handwritten digits, with 60,000 to test on
    #[serde(rename = "QMNIST")]
    #[value(name = "QMNIST")]
    Qmnist,
    /// Four times as many handwritten digits; EMNIST's "digits"
    #[serde(rename = "EMNIST")]
    #[value(name = "EMNIST")]
    Emnist,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&name_of(self))
    }
}

impl Source {
    /// Reads a split, without touching the network.
    pub(crate) fn load(self, split: Split, folder: Option<&Path>) -> selvedge_data::Result<ImageBytes> {
        let folder = folder.map(Path::to_path_buf);
        match self {
            Self::FashionMnist => FashionMnist { split, folder }.load(),
            Self::Mnist => Mnist { split, folder }.load(),
            Self::Kmnist => Kmnist { split, folder }.load(),
            Self::Qmnist => Qmnist { what: qmnist(split), folder }.load(),
            Self::Emnist => Emnist { subset: EmnistSubset::Digits, split, folder }.load(),
        }
    }

    /// Brings the files into the folder, or the cache, unless they are there; gives the folder.
    pub(crate) fn fetch(
        self,
        folder: Option<&Path>,
        progress: &dyn Progress,
    ) -> selvedge_data::Result<PathBuf> {
        let folder = folder.map(Path::to_path_buf);
        match self {
            Self::FashionMnist => FashionMnist { folder, ..FashionMnist::default() }.fetch(progress),
            Self::Mnist => Mnist { folder, ..Mnist::default() }.fetch(progress),
            Self::Kmnist => Kmnist { folder, ..Kmnist::default() }.fetch(progress),
            Self::Emnist => Emnist { folder, ..Emnist::default() }.fetch(progress),
            Self::Qmnist => {
                Qmnist { what: QmnistSubset::Test, folder: folder.clone() }.fetch(progress)?;
                Qmnist { what: QmnistSubset::Train, folder }.fetch(progress)
            }
        }
    }

    /// The names of the classes, by label.
    pub(crate) fn class_names(self) -> &'static [&'static str; 10] {
        match self {
            Self::FashionMnist => &FashionMnist::CLASS_NAMES,
            Self::Mnist | Self::Qmnist | Self::Emnist => &Mnist::CLASS_NAMES,
            Self::Kmnist => &Kmnist::CLASS_NAMES,
        }
    }
}

/// QMNIST's name for a split.
fn qmnist(split: Split) -> QmnistSubset {
    match split {
        Split::Train => QmnistSubset::Train,
        Split::Test => QmnistSubset::Test,
    }
}
