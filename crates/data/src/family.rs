//! The datasets that are published in IDX form.

mod emnist;
mod fashion_mnist;
mod idx;
mod idx_images;
mod kmnist;
mod mnist;
mod published;
mod qmnist;
mod split;

pub use emnist::{Emnist, EmnistSubset};
pub use fashion_mnist::FashionMnist;
pub use idx::Idx;
pub use kmnist::Kmnist;
pub use mnist::Mnist;
pub use qmnist::{Qmnist, QmnistSubset};
pub use split::Split;

/// A struct of a split and a folder that loads a dataset whose `PUBLISHED` stands beside it.
macro_rules! idx_dataset {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            /// Which part. Default: [`Split::Train`](crate::Split::Train).
            pub split: crate::Split,
            /// The folder that holds the IDX files, raw or gzip, or torchvision's root of them. Default: none,
            /// which looks into the system's dataset folder and then into the cache.
            pub folder: Option<std::path::PathBuf>,
        }

        impl $name {
            /// The images to learn from.
            #[must_use]
            pub fn train() -> Self {
                Self::default()
            }

            /// The images to test on.
            #[must_use]
            pub fn test() -> Self {
                Self { split: crate::Split::Test, ..Self::default() }
            }

            /// Reads the images and labels of the split into memory and verifies them. Does not touch the
            /// network.
            ///
            /// # Errors
            ///
            /// [`Error::NotFound`](crate::Error::NotFound) when the files are not there; another when a file
            /// of the given folder can not be read, is not a whole IDX file or is not the published one.
            pub fn load(&self) -> crate::Result<crate::ImageBytes> {
                PUBLISHED.load(self.split, self.folder.as_deref())
            }

            /// Brings the files of both splits into `folder`, or, where that is none, into the cache, unless
            /// they are already where [`load`](Self::load) looks; returns the folder that has them.
            ///
            /// The mirrors are asked in turn, then the distribution's package, if there is one, is unpacked,
            /// without root. Whatever the source, the bytes have to be the published ones, and a file gets its
            /// name when it is whole and verified.
            ///
            /// # Errors
            ///
            /// [`Error::Unavailable`](crate::Error::Unavailable) with what was wrong with each source;
            /// [`Error::Fetch`](crate::Error::Fetch) when the disk does not take the files.
            pub fn fetch(&self, progress: &dyn crate::Progress) -> crate::Result<std::path::PathBuf> {
                PUBLISHED.fetch(self.folder.as_deref(), progress)
            }
        }
    };
}

use idx_dataset;
