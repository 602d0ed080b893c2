//! Schedules: how the learning rates of an optimizer change from epoch to epoch, or from batch to batch.
//! PyTorch: `torch.optim.lr_scheduler`.
//!
//! A schedule is a plain struct; a [`Scheduler`] drives it. What it changes, it changes from the learning rate that
//! it finds, as PyTorch's do, so that schedules can be combined. Where PyTorch has no default for an option, `new`
//! takes it and gives PyTorch's defaults for the rest.

mod any;
mod chained;
mod constant;
mod cosine_annealing;
mod cosine_annealing_warm_restarts;
mod cyclic;
mod exponential;
mod groups;
mod lambda;
mod linear;
mod momentum;
mod multi_step;
mod one_cycle;
mod per_group;
mod polynomial;
mod pytorch;
mod rate;
mod reduce_on_plateau;
mod schedule;
mod scheduler;
mod sequential;
mod step;
mod swa_lr;

pub use any::AnyScheduler;
pub use chained::ChainedScheduler;
pub use constant::ConstantLr;
pub use cosine_annealing::CosineAnnealingLr;
pub use cosine_annealing_warm_restarts::CosineAnnealingWarmRestarts;
pub use cyclic::{CyclicLr, CyclicMode, ScaleMode};
pub use exponential::ExponentialLr;
pub use groups::Groups;
pub use lambda::{LambdaLr, MultiplicativeLr};
pub use linear::LinearLr;
pub use multi_step::MultiStepLr;
pub use one_cycle::{AnnealStrategy, OneCycleLr};
pub use per_group::PerGroup;
pub use polynomial::PolynomialLr;
pub use rate::{At, Rate};
pub use reduce_on_plateau::{PlateauMode, PlateauScheduler, PlateauState, ReduceLrOnPlateau, ThresholdMode};
pub use schedule::{Progress, Schedule};
pub use scheduler::{Scheduler, SchedulerState};
pub use sequential::SequentialLr;
pub use step::StepLr;
pub use swa_lr::SwaLr;
