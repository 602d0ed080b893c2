//! The loop of the chapter, written once: [`fit`] trains, [`evaluate`] tests, [`predict`] uses.
//!
//! What should happen beside the training is an [`Observer`], which any closure over an [`Event`] is. The
//! loop can as well be written by hand; the fourth recipe does.

mod evaluate;
mod event;
mod fit;

pub use evaluate::{Evaluation, evaluate, predict};
pub use event::{Event, Observer};
pub use fit::{Ended, fit};
