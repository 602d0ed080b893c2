use std::collections::BTreeMap;

use tch::Tensor;

use super::flat::Flat;
use crate::optim::{ParameterState, Parameters, UpdateRule};

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

    /// Gives each parameter a state of its own, where compiled steps made them parts of a row.
    pub(super) fn part(&mut self) {
        if self.flat.as_mut().is_some_and(|flat| flat.state.take().is_some()) {
            self.states.iter_mut().flatten().for_each(ParameterState::part);
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
