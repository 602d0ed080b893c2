use std::collections::BTreeMap;

use selvedge_golden::Case;
use selvedge_nn::{Mode, ModuleExt, StateDict};
use tch::{Kind, Tensor};

use crate::unit::{self, Unit};

/// A unit with the state of a case, and the inputs of the case.
pub(crate) struct Run {
    pub(crate) unit: Box<dyn Unit>,
    pub(crate) inputs: Vec<Tensor>,
    upstream: Vec<Tensor>,
    mode: Mode,
    /// The outputs, gradients and changed buffers, under the names of the golden file.
    pub(crate) roles: BTreeMap<String, Tensor>,
}

impl Run {
    /// Runs the unit of a case forward and backward.
    pub(crate) fn of(case: &Case, kind: Kind, mode: Mode) -> Self {
        let unit = unit::build(case);
        unit.to_kind(kind);
        let state: StateDict = case.under("state.").map(|(key, value)| (key.to_owned(), value)).collect();
        unit.load_state_dict(&state).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let convert =
            |value: Tensor| if value.is_floating_point() { value.to_kind(kind).copy() } else { value };
        let inputs = numbered(case, "input.").map(convert).collect();
        let upstream = numbered(case, "upstream.").map(convert).collect();
        let mut run = Self { unit, inputs, upstream, mode, roles: BTreeMap::new() };
        run.differentiate(&state);
        run
    }

    fn differentiate(&mut self, state: &StateDict) {
        for input in self.inputs.iter().filter(|input| input.is_floating_point()) {
            let _ = input.set_requires_grad(true);
        }
        let outputs = self.outputs();
        let total = self.total(&outputs);
        if total.requires_grad() {
            total.backward();
        }
        let names = (0..).map(|index| format!("output.{index}"));
        self.roles.extend(names.zip(outputs));
        let inputs = self
            .inputs
            .iter()
            .enumerate()
            .map(|(index, input)| (format!("input.{index}"), input.shallow_clone()));
        for (name, tensor) in inputs.chain(self.unit.named_parameters()) {
            let gradient = tensor.grad();
            if !gradient.defined() {
                continue;
            }
            if gradient.is_sparse() {
                self.roles.insert(format!("sparse_gradient.{name}"), gradient.to_dense(None, false));
            } else {
                self.roles.insert(format!("gradient.{name}"), gradient);
            }
        }
        for (name, buffer) in self.unit.named_buffers() {
            if state.get(&name).is_some_and(|before| before.to_kind(buffer.kind()) != buffer) {
                self.roles.insert(format!("after.{name}"), buffer);
            }
        }
    }

    /// The outputs for the inputs, random units drawing the same each time.
    fn outputs(&self) -> Vec<Tensor> {
        tch::manual_seed(1);
        self.unit.run(&self.inputs, self.mode)
    }

    /// The sum of the outputs, weighted by the upstream gradients.
    fn total(&self, outputs: &[Tensor]) -> Tensor {
        assert_eq!(outputs.len(), self.upstream.len(), "number of outputs");
        let weighted = outputs.iter().zip(&self.upstream).filter(|(output, _)| output.is_floating_point());
        weighted.map(|(output, upstream)| (output * upstream).sum(None::<tch::Kind>)).sum()
    }

    /// The total for the present values of inputs and parameters.
    pub(crate) fn value(&self) -> f64 {
        let _no_grad = tch::no_grad_guard();
        self.total(&self.outputs()).double_value(&[])
    }
}

fn numbered<'a>(case: &'a Case, prefix: &'a str) -> impl Iterator<Item = Tensor> + 'a {
    (0..).map_while(move |index| case.get(&format!("{prefix}{index}")))
}
