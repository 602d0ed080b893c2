pub(super) mod joined;
mod parts;
mod pytorch;

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde_json::{Map, Value};
use tch::Tensor;

use crate::TrainError;
use crate::optim::options::options;
use crate::optim::parameter_group::ScheduleValues;
use crate::optim::{Optimizer, ParameterGroup, ParameterState, UpdateRule};

/// What `torch.optim.Optimizer.state_dict()` holds, in the same structure: the state by the index of the
/// parameter, and the options of each group.
#[derive(Debug, Default)]
pub struct OptimizerStateDict {
    /// For each parameter that has state, its entries by PyTorch's names, such as `exp_avg`.
    pub state: BTreeMap<usize, Vec<(String, StateValue)>>,
    /// The groups, in order.
    pub param_groups: Vec<GroupStateDict>,
}

/// One of PyTorch's `param_groups`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GroupStateDict {
    /// The options by PyTorch's names; a tuple of Python is an array.
    pub options: Map<String, Value>,
    /// The indices of the parameters, counted through all groups.
    pub params: Vec<usize>,
    /// The names of the parameters, where the optimizer knows them.
    pub param_names: Option<Vec<String>>,
}

/// A value of an optimizer's state.
#[derive(Debug)]
pub enum StateValue {
    /// Python's `None`.
    None,
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A tensor.
    Tensor(Tensor),
    /// A list.
    List(Vec<StateValue>),
}

impl Clone for StateValue {
    fn clone(&self) -> Self {
        match self {
            Self::None => Self::None,
            Self::Int(value) => Self::Int(*value),
            Self::Float(value) => Self::Float(*value),
            Self::Tensor(tensor) => Self::Tensor(tensor.shallow_clone()),
            Self::List(values) => Self::List(values.clone()),
        }
    }
}

/// What PyTorch's schedules keep in a group, beside the options of the rule.
const SCHEDULE_KEYS: [&str; 6] =
    ["initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum", "swa_lr"];

/// Options of PyTorch that choose between its implementations, or that it keeps for old state dicts.
const IMPLEMENTATION_KEYS: [&str; 4] = ["foreach", "capturable", "differentiable", "fused"];

const STATE_OF_NONE: &str = "the state dict has state for parameters that are in none of its groups";

impl<R: UpdateRule> Optimizer<R> {
    /// The state and the options, as PyTorch's `state_dict()` has them. The tensors are handles to the
    /// optimizer's own.
    #[must_use]
    pub fn state_dict(&self) -> OptimizerStateDict {
        let mut dict = OptimizerStateDict::default();
        let mut index = 0;
        for group in &self.groups {
            let first = index;
            for state in &group.states {
                if let Some(state) = state {
                    dict.state.insert(index, state.entries());
                }
                index += 1;
            }
            let mut options = options(&group.rule);
            options.extend(R::FIXED.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            options.extend(group.schedule.iter().map(|(name, value)| (name.clone(), (*value).into())));
            dict.param_groups.push(GroupStateDict {
                options,
                params: (first..index).collect(),
                param_names: group.names.clone(),
            });
        }
        dict
    }

    /// Takes over the state and the options of another run, of ours or of PyTorch. The values are copied, to the
    /// device and kind of each parameter.
    ///
    /// Differs from PyTorch: shapes, entries and options are checked, and names where both sides have them.
    ///
    /// # Errors
    ///
    /// When the state dict is of another model or another optimizer, with the difference; nothing was changed
    /// then.
    pub fn load_state_dict(&mut self, dict: &OptimizerStateDict) -> Result<(), TrainError> {
        let loaded = load(&self.groups, dict)
            .map_err(|difference| TrainError::StateDict { unit: R::NAME, difference })?;
        for (group, (rule, schedule, states)) in self.groups.iter_mut().zip(loaded) {
            group.rule = rule;
            group.schedule = schedule;
            group.part();
            group.states = states;
        }
        Ok(())
    }
}

type Loaded<R> = (R, ScheduleValues, Vec<Option<<R as UpdateRule>::State>>);

fn load<R: UpdateRule>(
    groups: &[ParameterGroup<R>],
    dict: &OptimizerStateDict,
) -> Result<Vec<Loaded<R>>, String> {
    if groups.len() != dict.param_groups.len() {
        return Err(format!(
            "the optimizer has {} parameter groups, the state dict {}",
            groups.len(),
            dict.param_groups.len()
        ));
    }
    let mut used = 0;
    let mut loaded = Vec::with_capacity(groups.len());
    for (index, (group, saved)) in groups.iter().zip(&dict.param_groups).enumerate() {
        let (rule, schedule) =
            load_options(saved.options.clone()).map_err(|error| format!("group {index}: {error}"))?;
        check_parameters(index, group.parameters.len(), group.names(), saved)?;
        let mut states = Vec::with_capacity(group.parameters.len());
        for (at, (parameter, key)) in group.parameters.iter().zip(&saved.params).enumerate() {
            let state = dict.state.get(key).filter(|entries| !entries.is_empty());
            used += usize::from(dict.state.contains_key(key));
            let state = state
                .map(|entries| R::State::from_entries(entries.clone(), parameter))
                .transpose()
                .map_err(|reason| format!("parameter {at} of group {index}: {reason}"))?;
            states.push(state);
        }
        loaded.push((rule, schedule, states));
    }
    if used < dict.state.len() {
        return Err(STATE_OF_NONE.to_owned());
    }
    Ok(loaded)
}

/// Refuses a group of other parameters.
pub(super) fn check_parameters(
    index: usize,
    expected: usize,
    names: Option<&[String]>,
    saved: &GroupStateDict,
) -> Result<(), String> {
    let found = saved.params.len();
    if let (Some(ours), Some(theirs)) = (names, saved.param_names.as_deref()) {
        let without = |names: &[String], others: &[String]| -> Vec<String> {
            names.iter().filter(|name| !others.contains(name)).cloned().collect()
        };
        let (missing, unexpected) = (without(ours, theirs), without(theirs, ours));
        if !missing.is_empty() || !unexpected.is_empty() {
            return Err(format!(
                "group {index}: missing parameters {missing:?}, unexpected parameters {unexpected:?}"
            ));
        }
        if ours != theirs {
            return Err(format!(
                "group {index}: the parameters are in another order, {theirs:?} instead of {ours:?}"
            ));
        }
    }
    if found != expected {
        return Err(format!(
            "group {index} of the optimizer has {expected} parameters, of the state dict {found}"
        ));
    }
    Ok(())
}

fn load_options<R: UpdateRule>(
    options: Map<String, Value>,
) -> Result<(R, ScheduleValues), serde_json::Error> {
    let (mut options, schedule) = split_options(options)?;
    for (key, _) in R::FIXED {
        options.shift_remove(*key);
    }
    let rule: R = serde_json::from_value(Value::Object(options))?;
    // Whatever a schedule has made of the learning rate is allowed.
    let mut constructed = rule.clone();
    constructed.set_lr(R::default().lr());
    constructed.validate().map_err(serde_json::Error::custom)?;
    Ok((rule, schedule))
}

/// The options of the rule, and what a schedule keeps beside them.
pub(super) fn split_options(
    mut options: Map<String, Value>,
) -> Result<(Map<String, Value>, ScheduleValues), serde_json::Error> {
    let mut schedule = ScheduleValues::new();
    for key in SCHEDULE_KEYS {
        if let Some(value) = options.shift_remove(key) {
            let number = value
                .as_f64()
                .ok_or_else(|| serde_json::Error::custom(format!("{key} is {value}, not a number")))?;
            schedule.insert(key.to_owned(), number);
        }
    }
    for key in IMPLEMENTATION_KEYS {
        options.shift_remove(key);
    }
    Ok((options, schedule))
}
