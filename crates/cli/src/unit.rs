//! The units of the libraries by their names, so that a configuration can ask for them: `{"type": "Adam", "lr": 0.003}`.

mod factors;
mod group;
mod loss;
mod no_such;
mod optimizer;
mod sampler;
mod schedule;
mod unfit;

pub(crate) use loss::LossUnit;
pub(crate) use no_such::no_such;
pub(crate) use optimizer::{OptimizerUnit, RuleUnit};
pub(crate) use sampler::{Learnt, SamplerUnit};
pub(crate) use schedule::ScheduleUnit;
pub(crate) use unfit::unfit;

/// An enum of units, each under PyTorch's name, with a sample of each: PyTorch's defaults, and something allowed
/// for what has none.
macro_rules! units {
    ($(#[$attribute:meta])* $name:ident { $($tag:literal => $variant:ident($unit:ty) = $sample:expr,)* }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "type")]
        pub(crate) enum $name {
            $(#[serde(rename = $tag)] $variant($unit),)*
        }

        impl $name {
            /// One of each kind, which shows its keys.
            pub(crate) fn samples() -> Vec<Self> {
                vec![$(Self::$variant($sample)),*]
            }
        }
    };
}
use units;
