use selvedge_nn::plan::{Refusal, StageParameter};
use selvedge_torch::is_same;
use tch::Tensor;

use super::{Optimizer, ParameterGroup, ParameterState, Row, Slot, UpdateRule};

/// The parameters of a group that a [`CompiledStep`](crate::CompiledStep) trains, with their gradients. Those whose
/// values fill whole vectors lie in one row and are updated at once. The model's own tensors, and those of the
/// optimizer's state, are views of the rows, so everything else goes on as before.
#[derive(Debug)]
pub(super) struct Flat<R: UpdateRule> {
    row: Row,
    /// Which of the group's parameters are the parts of the row.
    indices: Vec<usize>,
    parameter: Tensor,
    gradient: Tensor,
    /// The state of the row; none before the first step, and after something else changed that of a part.
    pub(super) state: Option<R::State>,
    /// The others, with their gradients.
    apart: Vec<(usize, Tensor)>,
}

/// The kernels compute what is left at the end of a tensor, less than a vector, with other instructions, which may
/// round differently. Where such an end is a tensor's own in the ordinary step, it stays so in the compiled one.
const VECTOR: usize = 16;

impl<R: UpdateRule> Optimizer<R> {
    /// Lays out, in a row for each group, those of its parameters that are given and require a gradient.
    pub(super) fn lay_out(
        &mut self,
        wanted: &[StageParameter<'_>],
    ) -> Result<Vec<(Tensor, Tensor)>, Refusal> {
        let _no_grad = tch::no_grad_guard();
        self.zero_grad();
        let mut gradients = Vec::new();
        for group in &mut self.groups {
            group.flat = Flat::new(group, wanted)?;
            if let Some(flat) = &group.flat {
                gradients.extend(flat.gradients(&group.parameters));
            }
        }
        Ok(gradients)
    }

    /// Updates the parameters in rows by the gradients in theirs.
    #[track_caller]
    pub(super) fn step_rows(&mut self) {
        let _no_grad = tch::no_grad_guard();
        for group in &mut self.groups {
            let ParameterGroup { rule, parameters, states, flat, .. } = group;
            if let Some(flat) = flat {
                flat.step(rule, parameters, states);
            }
        }
    }
}

impl<R: UpdateRule> Flat<R> {
    fn new(group: &mut ParameterGroup<R>, wanted: &[StageParameter<'_>]) -> Result<Option<Self>, Refusal> {
        let (mut indices, mut shapes, mut apart) = (Vec::new(), Vec::new(), Vec::new());
        for (index, parameter) in group.parameters.iter().enumerate() {
            let wanted = wanted.iter().find(|wanted| is_same(wanted.tensor, parameter));
            let Some(wanted) = wanted.filter(|_| parameter.requires_grad()) else { continue };
            if parameter.numel() % VECTOR == 0 {
                indices.push(index);
                shapes.push((parameter.size(), wanted.transposed));
            } else {
                apart.push((index, parameter.zeros_like().detach()));
            }
        }
        let form = |index: usize| (group.parameters[index].kind(), group.parameters[index].device());
        let members = || indices.iter().copied().chain(apart.iter().map(|(index, _)| *index));
        let Some(first) = members().next().map(form) else {
            group.part();
            return Ok(None);
        };
        if let Some(other) = members().map(form).find(|other| *other != first) {
            let reason = format!("its parameters are {first:?} and {other:?}, not of one kind on one device");
            return Err(Refusal::new(R::NAME, reason));
        }
        let row = Row::new(shapes);
        let ParameterGroup { parameters, flat, .. } = &mut *group;
        if let Some(known) =
            flat.take_if(|known| known.row == row && known.indices == indices && known.holds(parameters))
        {
            return Ok(Some(Self { apart, ..known }));
        }
        group.part();
        let parameters: Vec<&Tensor> = indices.iter().map(|&index| &group.parameters[index]).collect();
        let parameter = row.gather(&parameters, first);
        for (index, tensor) in parameters.iter().enumerate() {
            tensor.shallow_clone().set_data(&row.part(&parameter, index));
        }
        Ok(Some(Self { gradient: parameter.zeros_like(), parameter, row, indices, state: None, apart }))
    }

    /// Whether the parameters of the group still lie in the row.
    fn holds(&self, parameters: &[Tensor]) -> bool {
        let mut parts = self.indices.iter().enumerate();
        parts.all(|(part, &index)| self.row.is_part(&self.parameter, part, &parameters[index]))
    }

    fn gradients<'a>(&'a self, parameters: &'a [Tensor]) -> impl Iterator<Item = (Tensor, Tensor)> + 'a {
        let parts = self.indices.iter().enumerate();
        let parts = parts.map(|(part, &index)| (index, self.row.part(&self.gradient, part)));
        let apart = self.apart.iter().map(|(index, gradient)| (*index, gradient.shallow_clone()));
        parts.chain(apart).map(|(index, gradient)| (parameters[index].shallow_clone(), gradient))
    }

    #[track_caller]
    fn step(&mut self, rule: &R, parameters: &[Tensor], states: &mut [Option<R::State>]) {
        if R::ELEMENTWISE && self.state.is_none() && !self.indices.is_empty() {
            self.state = self.join(rule, states);
        }
        let mut slots = Vec::with_capacity(1 + self.apart.len());
        let mut parts: Vec<&mut R::State> = Vec::with_capacity(self.indices.len());
        for (index, state) in states.iter_mut().enumerate() {
            let apart = self.apart.iter().find(|(known, _)| *known == index);
            let part = self.indices.iter().position(|&known| known == index);
            let gradient = match (apart, part) {
                (Some((_, gradient)), _) => Some(gradient.shallow_clone()),
                (None, Some(part)) if self.state.is_none() => Some(self.row.part(&self.gradient, part)),
                (None, Some(_)) => None,
                (None, None) => continue,
            };
            let parameter = &parameters[index];
            let state = state.get_or_insert_with(|| rule.start(parameter));
            match gradient {
                Some(gradient) => slots.push(Slot { parameter, gradient, state }),
                None => parts.push(state),
            }
        }
        if let Some(state) = &mut self.state {
            slots.push(Slot { parameter: &self.parameter, gradient: self.gradient.shallow_clone(), state });
        }
        rule.update(&mut slots);
        drop(slots);
        if let Some(state) = &mut self.state {
            state.share(&mut parts, &self.row);
        }
    }

    /// The state of the row. None for states that differ in what is not a value for each value of the parameter,
    /// such as the number of steps: then each part is updated by itself.
    fn join(&self, rule: &R, states: &[Option<R::State>]) -> Option<R::State> {
        let parts: Vec<Option<&R::State>> =
            self.indices.iter().map(|&index| states[index].as_ref()).collect();
        if parts.iter().all(Option::is_none) {
            return Some(rule.start(&self.parameter));
        }
        let parts: Vec<&R::State> = parts.into_iter().collect::<Option<_>>()?;
        R::State::join(&parts, &self.row)
    }
}
