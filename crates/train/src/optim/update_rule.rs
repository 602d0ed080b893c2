use std::fmt::{Debug, Display};

use selvedge_torch::foreach;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tch::Tensor;

use crate::TrainError;
use crate::optim::{HostNumber, ParameterState};

/// How an [`Optimizer`](crate::optim::Optimizer) changes its parameters: the options of one group, as a plain
/// struct, and what to do with them.
///
/// Its fields carry PyTorch's names, so that serialising it gives the options of a PyTorch `param_group`.
pub trait UpdateRule:
    Clone + Debug + Default + Display + PartialEq + Send + Serialize + DeserializeOwned
{
    /// PyTorch's name of the optimizer.
    const NAME: &'static str;

    /// The keys of PyTorch's `param_group` that are no options here, with the values to write.
    const FIXED: &'static [(&'static str, Value)] = &[
        ("foreach", Value::Null),
        ("capturable", Value::Bool(false)),
        ("differentiable", Value::Bool(false)),
    ];

    /// Whether a parameter has state before its first gradient.
    const EAGER: bool = false;

    /// Whether the gradients are sparse.
    const SPARSE: bool = false;

    /// Whether each value is updated by itself, so that parameters in a [`Row`](crate::optim::Row) can be updated
    /// as one.
    const ELEMENTWISE: bool = false;

    /// What is kept for each parameter between steps.
    type State: ParameterState;

    /// Refuses options out of their domain, as PyTorch's constructor does.
    ///
    /// # Errors
    ///
    /// With the option, what it can be and what it is.
    fn validate(&self) -> Result<(), TrainError>;

    /// Refuses a parameter that the rule has no meaning for.
    ///
    /// # Errors
    ///
    /// With what is wrong with it, as it stands after the parameter's name.
    fn check_parameter(&self, parameter: &Tensor) -> Result<(), String> {
        let _ = parameter;
        Ok(())
    }

    /// The learning rate.
    fn lr(&self) -> f64;

    /// Sets the learning rate.
    fn set_lr(&mut self, lr: f64);

    /// The momentum, or the first of the betas, for the schedules that cycle it.
    fn momentum(&self) -> Option<f64> {
        None
    }

    /// Sets what [`momentum`](Self::momentum) gives.
    fn set_momentum(&mut self, momentum: f64) {
        let _ = momentum;
    }

    /// The state of a parameter before its first update.
    fn start(&self, parameter: &Tensor) -> Self::State;

    /// Updates parameters, which are all on one device and of one kind, from their gradients. It runs without
    /// recording a graph.
    ///
    /// # Panics
    ///
    /// When a gradient is sparse and the rule takes dense ones, or the other way round.
    fn update(&self, slots: &mut [Slot<'_, Self::State>]);
}

/// A parameter that has a gradient, for one step.
#[derive(Debug)]
pub struct Slot<'a, S> {
    /// A handle to the parameter.
    pub parameter: &'a Tensor,
    /// Its gradient.
    pub gradient: Tensor,
    /// What the rule keeps for it.
    pub state: &'a mut S,
}

/// The learning rate of a rule, and its momentum where it has one, by their fields.
macro_rules! rates {
    ($lr:ident) => {
        fn lr(&self) -> f64 {
            self.$lr
        }

        fn set_lr(&mut self, lr: f64) {
            self.$lr = lr;
        }
    };
    ($lr:ident, $($momentum:tt)+) => {
        rates!($lr);

        fn momentum(&self) -> Option<f64> {
            Some(self.$($momentum)+)
        }

        fn set_momentum(&mut self, momentum: f64) {
            self.$($momentum)+ = momentum;
        }
    };
}
pub(super) use rates;

/// Handles to one tensor of each state.
pub(super) fn column<'a, S>(slots: &'a [Slot<'_, S>], of: impl Fn(&'a S) -> &'a Tensor) -> Vec<&'a Tensor> {
    slots.iter().map(|slot| of(slot.state)).collect()
}

/// Handles to the parameters.
pub(super) fn parameters<'a, S>(slots: &'a [Slot<'_, S>]) -> Vec<&'a Tensor> {
    slots.iter().map(|slot| slot.parameter).collect()
}

/// Handles to the gradients.
pub(super) fn gradients<'a, S>(slots: &'a [Slot<'_, S>]) -> Vec<&'a Tensor> {
    slots.iter().map(|slot| &slot.gradient).collect()
}

/// The gradients as a rule follows them: turned round to climb, with the weight decay added. They may be the
/// parameters' own, so they are not to be changed.
pub(super) fn directions<S>(slots: &[Slot<'_, S>], maximize: bool, weight_decay: f64) -> Vec<Tensor> {
    let kernel = |result| kernel("the gradients", result);
    let turned = maximize.then(|| kernel(foreach::neg(&gradients(slots))));
    if weight_decay == 0.0 {
        return turned.unwrap_or_else(|| slots.iter().map(|slot| slot.gradient.shallow_clone()).collect());
    }
    let parameters = parameters(slots);
    match turned {
        Some(turned) => kernel(foreach::add(&turned, &parameters, weight_decay)),
        None => kernel(foreach::add(&gradients(slots), &parameters, weight_decay)),
    }
}

/// Counts a step of each parameter, and gives the counts.
pub(super) fn count<S>(slots: &mut [Slot<'_, S>], of: impl Fn(&mut S) -> &mut HostNumber) -> Vec<f64> {
    let count = |slot: &mut Slot<'_, S>| {
        let step = of(slot.state);
        step.0 += 1.0;
        f64::from(step.0)
    };
    slots.iter_mut().map(count).collect()
}

/// What a kernel returned. It refuses what only a bug gives it, such as a sparse gradient.
#[track_caller]
pub(super) fn kernel<T>(name: &str, result: selvedge_torch::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{name}: {error}"))
}
