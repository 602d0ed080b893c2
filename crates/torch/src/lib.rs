//! What libtorch has and `tch` does not bind, safe to call.
//!
//! One C++ shim in `shim/`, compiled against the headers that `torch-sys` uses; an exception of C++ comes back as
//! a [`TorchError`]. This is the only crate of the workspace with unsafe code, and the one that owns linking.
//!
//! - [`FusedAdam`], [`FusedSgd`], [`FusedAdagrad`]: a whole optimizer step in one kernel.
//! - [`foreach`]: one operation over a list of tensors.
//! - [`clear_gradient`] and [`is_same`]: what a handle to a tensor can not do or say.
//! - [`planned`]: kernels that write into tensors laid out before, for steps without autograd.
//! - [`activation`]: activations with their options.
//! - [`max_pool2d`]: a pool that is faster than libtorch's.
//! - [`filled()`], [`filled_by_parts`]: a tensor whose memory Rust writes.
//! - [`Generator`]: the state that random numbers come from.
//! - [`Determinism`], [`Precision`], [`Autocast`], [`flush_denormals`], [`arch`]: how libtorch and our kernels compute.
//! - [`CudaGraph`], [`Replay`]: work on a GPU that is launched as one.
//! - [`linear()`], [`max_pool2d`]: layers with kernels of our own, which autograd follows.
//! - [`keep_freed_memory`]: what becomes of the memory of a tensor.
//! - [`ignores_signal`]: whether the process inherited that a signal is ignored.
//! - [`pickle`]: files of `torch.save`.
//! - [`DeviceChoice`], [`cuda`], [`libtorch`]: where it computes, and with what.

pub mod activation;
mod arch;
mod autocast;
mod border;
pub mod cuda;
mod denormals;
mod determinism;
mod device;
mod error;
mod file_format;
mod filled;
pub mod foreach;
mod fused;
mod generator;
mod gradient;
mod graph;
pub mod libtorch;
mod linear;
mod memory;
mod operator;
mod parallel;
pub mod pickle;
pub mod planned;
mod pool;
mod precision;
mod product;
mod signal;
mod vector;

pub use arch::arch;
pub use autocast::Autocast;
pub use cuda::CudaAbsent;
pub use denormals::{flush_denormals, flushes_denormals};
pub use determinism::{Algorithms, Determinism};
pub use device::DeviceChoice;
pub use error::{Result, TorchError};
pub use file_format::FileFormat;
pub use filled::{Fill, filled, filled_by_parts};
pub use fused::{AdamState, FusedAdagrad, FusedAdam, FusedSgd, GradientScaling, count_steps};
pub use generator::Generator;
pub use gradient::{GradGuard, clear_gradient, grad_guard, is_same};
pub use graph::{CudaGraph, Replay};
pub use linear::{Multiply, linear};
pub use memory::keep_freed_memory;
pub use pickle::Value;
pub use pool::max_pool2d;
pub use precision::{MatmulPrecision, Precision};
pub use product::addmm_;
pub use signal::ignores_signal;
pub use vector::add_and_dot;
