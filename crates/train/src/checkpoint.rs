//! Checkpoints: a folder with everything that a training needs to go on as if it had never stopped.
//!
//! ```text
//! checkpoints/step-00001876/
//!     model.safetensors        the parameters and buffers of the network
//!     optimizer.safetensors    the tensors of the optimizer's state; its numbers and options are in state.json
//!     averaged.safetensors     the averaged model, where there is one
//!     generators.safetensors   the states of libtorch's random generators
//!     run-...                  copies of files of the caller, such as its logs and models
//!     state.json               the position, the schedule, the scaler, versions, the caller's configuration
//!     manifest.json            the length and the SHA-256 of each of these files
//! ```
//!
//! A [`Snapshot`] is what is in such a folder. A [`Checkpointer`] is an observer that writes them while the training goes
//! on, and [`latest_good`] finds the one to go on from.

mod checkpointer;
mod copied;
mod error;
mod find;
mod folder;
mod manifest;
mod snapshot;
mod state;

pub use checkpointer::{CheckpointOptions, Checkpointer};
pub use error::CheckpointError;
pub use find::{Damaged, Found, examine, latest_good};
pub use snapshot::Snapshot;
pub use state::State;
