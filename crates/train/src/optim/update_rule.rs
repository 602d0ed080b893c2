use std::fmt::{Debug, Display};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tch::Tensor;

use crate::TrainError;
use crate::optim::ParameterState;

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
    /// With what is wrong with it.
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

/// What a kernel returned. It refuses what only a bug gives it, such as a sparse gradient.
#[track_caller]
pub(super) fn kernel<T>(name: &str, result: selvedge_torch::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{name}: {error}"))
}
