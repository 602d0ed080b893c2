//! The tests of the crate, in one program, as linking libtorch to each of several takes long.

// A test has nothing better to do with an error.
#![allow(clippy::unwrap_used)]

mod datasets;
mod family;
mod fashion_mnist;
mod idx;
mod image_files;
mod image_folder;
mod loader;
mod resident;
mod samplers;
mod workers;
