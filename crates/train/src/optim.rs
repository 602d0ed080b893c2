//! Optimizers: an [`UpdateRule`] says how a parameter changes by its gradient, an [`Optimizer`] drives it over
//! groups of parameters. PyTorch: `torch.optim`.

mod adam;
mod adam_w;
mod optimizer;
mod options;
mod parameter_group;
mod parameter_state;
mod parameters;
mod sgd;
mod state_dict;
mod update_rule;

pub use adam::{Adam, AdamState};
pub use adam_w::AdamW;
pub use optimizer::Optimizer;
pub use parameter_group::ParameterGroup;
pub use parameter_state::{DeviceStep, HostNumber, ParameterState};
pub use parameters::Parameters;
pub use sgd::{Sgd, SgdState};
pub use state_dict::{GroupStateDict, OptimizerStateDict, StateValue};
pub use update_rule::{Slot, UpdateRule};

options::display_as_dict!(Adam, AdamW, Sgd);
