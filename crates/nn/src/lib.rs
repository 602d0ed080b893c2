//! Modules, layers, functional forms, initialisation and state dicts, as in PyTorch.
//!
//! A [`Module`] holds named parameters, buffers and submodules; [`Forward`] maps a tensor to another, in a
//! [`Mode`]. What follows from the names is in [`ModuleExt`].

// The derive writes paths that begin with `::selvedge_nn`; this lets it work inside the crate, too.
extern crate self as selvedge_nn;

mod dropout;
pub mod functional;
pub mod init;
mod linear;
mod mode;
mod module;
mod module_ext;
mod repr;
mod state_dict;
mod visitor;

pub use dropout::{AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout};
pub use linear::Linear;
pub use mode::Mode;
pub use module::{Forward, Module};
pub use module_ext::ModuleExt;
pub use repr::write_repr;
pub use selvedge_derive::Module;
pub use state_dict::StateDict;
pub use visitor::Visitor;
