//! The chapter's network without a type of its own.

use selvedge_nn::{Flatten, Linear, LogSoftmax, Relu, Sequential};

use crate::{CLASSES, PIXELS};

/// 784 → 256 → 128 → 10 as a list of layers, whose parameters are called by position: `1.weight`, `3.weight`,
/// `5.weight`.
#[must_use]
pub fn fashion_network() -> Sequential {
    Sequential::new()
        .then(Flatten::default())
        .then(Linear::new(PIXELS, 256))
        .then(Relu)
        .then(Linear::new(256, 128))
        .then(Relu)
        .then(Linear::new(128, CLASSES))
        .then(LogSoftmax { dim: Some(1) })
}
