//! Losses, metrics, optimizers and the training loop, as in PyTorch.
//!
//! A [`loss::Loss`] turns an output and its target into a number to minimise; a [`metric::Metric`] says, over
//! all batches of an epoch, how good the outputs were.

mod error;
pub mod loss;
pub mod metric;

pub use error::TrainError;
pub use loss::{CrossEntropyLoss, Loss, MseLoss, NllLoss, Reduction};
