//! The pads: units without tensors that put values around a plane.

mod constant;
mod moded;
mod sizes;

pub use constant::{ConstantPad, ConstantPad1d, ConstantPad2d, ConstantPad3d};
pub use moded::{
    CircularPad, CircularPad1d, CircularPad2d, CircularPad3d, ReflectionPad, ReflectionPad1d,
    ReflectionPad2d, ReflectionPad3d, ReplicationPad, ReplicationPad1d, ReplicationPad2d, ReplicationPad3d,
    ZeroPad, ZeroPad1d, ZeroPad2d, ZeroPad3d,
};
pub use sizes::PadSizes;
