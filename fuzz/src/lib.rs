//! What each fuzz target does with its bytes: it has a reader read them as a file. The reader may refuse it, with an
//! error that names the file; what it reads has to hold together. Whatever else happens is a fault: a panic, an abort,
//! memory that is not in proportion.
//!
//! libFuzzer draws the bytes (`cargo xtask fuzz`), guided by which code of the readers and of the decoders they reach. The
//! seeds that it begins with are whole files; the tests read those.

// A target tells what is wrong by a panic.
#![allow(clippy::unwrap_used)]

mod cifar;
mod folder;
mod idx;
mod idx_pairs;
mod image_folder;
#[cfg(test)]
mod seeds;

pub use cifar::cifar;
pub use idx::idx;
pub use idx_pairs::idx_pairs;
pub use image_folder::image_folder;
