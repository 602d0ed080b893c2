//! The pools: units without tensors that reduce each window of a plane to one value.

mod max;

pub use max::{MaxPool, MaxPool1d, MaxPool2d, MaxPool3d};
