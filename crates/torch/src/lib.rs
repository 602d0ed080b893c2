//! What libtorch has and `tch` does not bind, safe to call.
//!
//! One C++ shim in `shim/`, compiled against the headers that `torch-sys` uses; an exception of C++ comes back as
//! a [`TorchError`]. This is the only crate of the workspace with unsafe code, and the one that owns linking.
//!
//! - [`FusedAdam`], [`FusedSgd`], [`FusedAdagrad`]: a whole optimizer step in one kernel.
//! - [`foreach`]: one operation over a list of tensors.

mod border;
mod error;
pub mod foreach;
mod fused;
mod operator;

pub use error::{Result, TorchError};
pub use fused::{AdamState, FusedAdagrad, FusedAdam, FusedSgd, GradientScaling};
