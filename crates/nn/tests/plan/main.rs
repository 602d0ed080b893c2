//! Every stage of a plan against the layer's own forward and autograd, and what is refused.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

mod cases;
mod coverage;
mod inference;
mod offset;
mod refusals;
mod values;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Dropout draws from libtorch's one generator.
fn generator() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}
