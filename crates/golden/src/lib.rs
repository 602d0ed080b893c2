//! Reads the golden files that hold the numbers of PyTorch, for the tests of the workspace.
//!
//! `tools/golden` writes them with a pinned PyTorch: one safetensors file for each kind of unit, whose
//! metadata lists the cases. A tensor `linear/3/input` is the `input` of case `linear/3`.

mod case;
mod close;
mod file;

pub use case::Case;
pub use close::assert_close;
pub use file::Golden;
