//! The pools: units without tensors that reduce each window of a plane to one value.

mod adaptive;
mod avg;
mod max;

pub use adaptive::{
    AdaptiveAvgPool, AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool,
    AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d,
};
pub use avg::{AvgPool, AvgPool1d, AvgPool2d, AvgPool3d};
pub use max::{MaxPool, MaxPool1d, MaxPool2d, MaxPool3d};
