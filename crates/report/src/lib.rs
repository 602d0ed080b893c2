//! What people look at after a training: the page, the pictures, the comparison of runs.
//!
//! A run folder holds what happened as plain files, and [`Run::read`] reads them. [`page`] makes one HTML file of a
//! run, which needs nothing beside it: no network, no script. [`picture::pictures`] paints what a paper shows, as PNG
//! and as SVG. [`write()`] puts both into the folder. [`Comparison`] puts runs side by
//! side, and [`tensorboard`] writes the event files of TensorBoard.
//!
//! While a network trains, a [`Journal`] writes the rows; [`Findings::of`] is what the test set tells about it.

mod about;
mod chart;
mod comparison;
mod environment;
mod epoch;
mod error;
mod figures;
mod findings;
mod first_layer;
mod held_out;
mod image_data;
mod journal;
mod number;
mod page;
pub mod picture;
mod rows;
mod run;
mod samples;
mod step;
pub mod tensorboard;
mod write;

pub use about::About;
pub use comparison::{Comparison, ComparisonRow};
pub use environment::Environment;
pub use epoch::Epoch;
pub use error::{ReportError, Result};
pub use findings::{ClassScore, Findings, PicturedMistake};
pub use first_layer::FirstLayer;
pub use held_out::{HeldOut, Measured};
pub use image_data::ImageData;
pub use journal::Journal;
pub use page::page;
pub use run::Run;
pub use samples::{SampleImage, Samples};
pub use step::Step;
pub use write::write;
