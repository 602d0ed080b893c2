//! What the contenders in Rust share: the images, their order, and how an epoch and a step are timed.

mod garments;
mod report;

pub use garments::Garments;
pub use report::{Contender, report};

/// Images in a batch.
pub const BATCH: usize = 64;

/// Of Adam.
pub const LEARNING_RATE: f64 = 3e-3;

/// Values in an image, units of the two hidden layers, and classes.
pub const SIZES: [usize; 4] = [784, 256, 128, 10];
