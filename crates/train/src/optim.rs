//! Optimizers: an [`UpdateRule`] says how a parameter changes by its gradient, an [`Optimizer`] drives it over
//! groups of parameters, and [`Optimizers`] are several, of different rules, as one. PyTorch: `torch.optim`.

mod adadelta;
mod adafactor;
mod adagrad;
mod adam;
mod adam_w;
mod adamax;
mod asgd;
mod flat;
mod lbfgs;
mod muon;
mod nadam;
mod optimize;
mod optimizer;
mod optimizers;
mod options;
mod parameter_group;
mod parameter_state;
mod parameters;
mod radam;
mod rmsprop;
mod row;
mod rprop;
mod sgd;
mod sparse_adam;
mod state_dict;
mod step;
mod update_rule;

pub use adadelta::{Adadelta, AdadeltaState};
pub use adafactor::{Adafactor, AdafactorState};
pub use adagrad::{Adagrad, AdagradState};
pub use adam::{Adam, AdamState};
pub use adam_w::AdamW;
pub use adamax::{Adamax, AdamaxState};
pub use asgd::{Asgd, AsgdState};
pub use lbfgs::{Lbfgs, LbfgsOptimizer, LineSearch};
pub use muon::{AdjustLr, Muon, MuonState};
pub use nadam::{NAdam, NAdamState};
pub use optimize::{Optimize, Pass, Passes};
pub use optimizer::Optimizer;
pub use optimizers::Optimizers;
pub use parameter_group::{ParameterGroup, ScheduleValues};
pub use parameter_state::{DeviceStep, Factor, HostNumber, ParameterState};
pub use parameters::Parameters;
pub use radam::{RAdam, RAdamState};
pub use rmsprop::{RmsProp, RmsPropState};
pub use row::Row;
pub use rprop::{Rprop, RpropState};
pub use sgd::{Sgd, SgdState};
pub use sparse_adam::{SparseAdam, SparseAdamState};
pub use state_dict::{GroupStateDict, OptimizerStateDict, StateValue};
pub use step::Step;
pub use update_rule::{Slot, UpdateRule};

options::display_as_dict!(
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Asgd, Lbfgs, Muon, NAdam, RAdam, RmsProp, Rprop, Sgd,
    SparseAdam,
);
