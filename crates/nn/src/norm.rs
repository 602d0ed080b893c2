//! The normalisations: layers that give their input a mean of 0 and a variance of 1, then scale and shift it.

mod batch;
mod channels;
mod check;
mod group;
mod instance;
mod layer;
mod normalized_shape;
mod rms;
mod running_statistics;

pub use batch::{BatchNorm, BatchNorm1d, BatchNorm2d, BatchNorm3d, BatchNormOptions};
pub use group::{GroupNorm, GroupNormOptions};
pub use instance::{InstanceNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, InstanceNormOptions};
pub use layer::{LayerNorm, LayerNormOptions};
pub use normalized_shape::NormalizedShape;
pub use rms::{RmsNorm, RmsNormOptions};
pub use running_statistics::{AverageOverBatches, RunningStatistics};
