//! Files from the world, verified.
//!
//! [`Download`] brings one file from the first of its mirrors that gives the right bytes, and puts it under
//! its name only when it is whole. [`locked`] keeps two processes from doing it twice, [`cache_directory`] says where
//! such things live, and [`apt::package`] unpacks a package of the distribution without root.
//!
//! Nothing here prints: a [`Progress`] hears what happens, and [`Error`] tells what failed.

pub mod apt;
mod cache;
mod digest;
mod download;
mod error;
mod failure;
mod lock;
mod md5;
mod mirror;
mod partial;
mod patience;
mod progress;
mod proxy;
mod sha256;
mod trust;
mod verify;

pub use cache::{cache_directory, is_offline};
pub use download::Download;
pub use error::{Error, Result};
pub use failure::{Cause, Failure};
pub use lock::locked;
pub use md5::{Md5Digest, md5};
pub use patience::Patience;
pub use progress::{Event, Progress, Silent};
pub use sha256::{Sha256Digest, sha256, sha256_of_file};
pub use verify::{Check, Verify};
