//! The loop of the chapter, written once: [`fit`] trains, [`evaluate`] tests, [`predict`] uses.
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use selvedge_data::{ImageBytes, Loader, LoaderOptions, Shape};
//! use selvedge_nn::{Flatten, Linear, ModuleExt, Sequential};
//! use selvedge_train::trainer::{Event, FitOptions, Training, fit};
//! use selvedge_train::{Adam, CrossEntropyLoss, Optimizer, TrainError};
//!
//! let images = ImageBytes::new(Shape::new(1, 1, 2), vec![0, 255, 255, 0], vec![0, 1], vec![])?;
//! let loader = Loader::new(images, LoaderOptions { batch_size: 2, ..LoaderOptions::default() })?;
//! let model = Sequential::new().then(Flatten::default()).then(Linear::new(2, 2));
//! let mut optimizer = Optimizer::new(model.parameters(), Adam { lr: 0.1, ..Adam::default() })?;
//! let loss = CrossEntropyLoss::default();
//! let mut training = Training::new(&model, &loss, &mut optimizer, &loader);
//! let mut losses = Vec::new();
//! let mut observer = |event: &Event<'_>, _: &Training<'_>| {
//!     if let Event::EpochEnded { train_loss, .. } = event {
//!         losses.push(*train_loss);
//!     }
//!     Ok::<_, TrainError>(ControlFlow::Continue(()))
//! };
//! fit(&mut training, &FitOptions { epochs: 20, ..FitOptions::default() }, &mut observer)?;
//! assert!(losses[19] < losses[0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What should happen beside the training is an [`Observer`], which any closure over an [`Event`] is. What changes what
//! is trained, or when it ends, is no observer but an option of the loop: its state belongs to the [`Training`], and
//! so to a checkpoint. The loop can as well be written by hand; the fourth recipe does.

mod eager;
mod early_stopping;
mod evaluate;
mod event;
mod exact;
mod fit;
mod json_lines;
mod metrics_log;
mod mixed_precision;
mod mixing;
mod monitor;
mod options;
mod position;
mod prediction_log;
mod recent;
mod statistics;
mod steps;
mod threads;
mod training;

pub use early_stopping::{EarlyStopping, Patience};
pub use evaluate::{Evaluation, evaluate, predict};
pub use event::{Event, Observer, Observers};
pub use fit::{Ended, fit};
pub use json_lines::{DamagedRow, JsonLines, Kept, RestoredRows};
pub use metrics_log::{MetricsLog, MetricsRow};
pub use mixed_precision::MixedPrecision;
pub use mixing::Mixing;
pub use monitor::Monitor;
pub use options::{Every, FitOptions};
pub use position::{Best, Position};
pub use prediction_log::{PredictionLog, PredictionRow};
pub use recent::RecentLosses;
pub use statistics::{ParameterStatistics, Statistics, StatisticsLog, StatisticsRow, statistics};
pub use steps::Compile;
pub use threads::{MAX_THREADS, ThreadTimes, choose_threads};
pub use training::Training;
