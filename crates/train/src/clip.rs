//! Gradient clipping, between the backward pass and the step of the optimizer.

pub(crate) mod gradients;
mod norm;
mod norm_order;
mod value;

pub use norm::ClipGradientNorm;
pub use value::ClipGradientValue;
