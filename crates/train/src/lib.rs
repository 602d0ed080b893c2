//! Losses, metrics, optimizers and the training loop, as in PyTorch.
//!
//! A [`loss::Loss`] turns an output and its target into a number to minimise; a [`metric::Metric`] says, over
//! all batches of an epoch, how good the outputs were. An [`optim::Optimizer`] changes the parameters by their gradients.

mod domain;
mod error;
pub mod loss;
pub mod metric;
pub mod optim;

pub use error::TrainError;
pub use loss::{CrossEntropyLoss, Loss, MseLoss, NllLoss, Reduction};
