//! Losses, metrics, optimizers and the training loop, as in PyTorch.
//!
//! A [`loss::Loss`] turns an output and its target into a number to minimise; a [`metric::Metric`] says, over
//! all batches of an epoch, how good the outputs were. An [`optim::Optimizer`] changes the parameters by their
//! gradients, and a [`lr_scheduler::Scheduler`] the learning rates that it does so with.

mod accumulation;
mod averaged_model;
pub mod checkpoint;
pub mod clip;
mod compiled_step;
mod domain;
mod error;
mod generators;
mod grad_scaler;
pub mod loss;
pub mod lr_scheduler;
pub mod metric;
mod nan_guard;
pub mod optim;
pub mod trainer;

pub use accumulation::{Accumulation, Part};
pub(crate) use averaged_model::has_running_statistics;
pub use averaged_model::{AveragedModel, Averaging, update_bn};
pub use compiled_step::CompiledStep;
pub use error::TrainError;
pub use grad_scaler::GradScaler;
pub use loss::{CrossEntropyLoss, Loss, MseLoss, NllLoss, Reduction};
pub use nan_guard::NanGuard;
pub use optim::{Adam, AdamW, Optimize, Optimizer, Sgd, UpdateRule};
