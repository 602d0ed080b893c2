use std::collections::BTreeMap;

use tch::Tensor;

use super::flat::Flat;
use crate::optim::{Parameters, UpdateRule};

/// What PyTorch's schedules keep in a group beside the options, such as `initial_lr`.
pub type ScheduleValues = BTreeMap<String, f64>;

/// Parameters that share the options of one rule.
#[derive(Debug)]
pub struct ParameterGroup<R: UpdateRule> {
    /// The options of this group; changing them takes effect with the next step.
    pub rule: R,
    pub(super) parameters: Vec<Tensor>,
    pub(super) names: Option<Vec<String>>,
    pub(super) states: Vec<Option<R::State>>,
    pub(crate) schedule: ScheduleValues,
    pub(super) flat: Option<Flat<R>>,
}

impl<R: UpdateRule> ParameterGroup<R> {
    pub(super) fn new(parameters: Parameters, rule: R) -> Self {
        let Parameters { tensors: parameters, names } = parameters;
        let states = parameters.iter().map(|parameter| R::EAGER.then(|| rule.start(parameter))).collect();
        Self { rule, parameters, names, states, schedule: ScheduleValues::new(), flat: None }
    }

    /// The states are no more those that the row of a compiled step was made of.
    pub(super) fn states_changed(&mut self) {
        if let Some(flat) = &mut self.flat {
            flat.state = None;
        }
    }

    /// Handles to the parameters.
    pub fn parameters(&self) -> &[Tensor] {
        &self.parameters
    }

    /// The names of the parameters, where the optimizer was given them.
    #[must_use]
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// What the rule keeps for each parameter; `None` before its first gradient.
    #[must_use]
    pub fn states(&self) -> &[Option<R::State>] {
        &self.states
    }
}
