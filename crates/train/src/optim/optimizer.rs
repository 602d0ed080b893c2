use tch::{Device, Kind, Tensor};

use crate::TrainError;
use crate::optim::{ParameterGroup, Parameters, Slot, UpdateRule};

/// Changes parameters by their gradients, as an [`UpdateRule`] says.
///
/// It holds handles to the parameters, in groups that each have their own copy of the rule and so their own
/// options. PyTorch: `torch.optim.Optimizer`.
///
/// ```
/// use selvedge_nn::{Forward, Linear, Mode, ModuleExt};
/// use selvedge_train::optim::{Adam, Optimizer};
/// use tch::{Kind, Tensor};
///
/// let model = Linear::new(2, 1);
/// let mut optimizer = Optimizer::new(model.parameters(), Adam { lr: 3e-3, ..Adam::default() })?;
/// let input = Tensor::ones([4, 2], (Kind::Float, tch::Device::Cpu));
/// for _ in 0..3 {
///     optimizer.zero_grad();
///     let loss = model.forward(&input, Mode::Train).square().mean(Kind::Float);
///     loss.backward();
///     optimizer.step();
/// }
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug)]
pub struct Optimizer<R: UpdateRule> {
    pub(super) defaults: R,
    pub(crate) groups: Vec<ParameterGroup<R>>,
}

impl<R: UpdateRule> Optimizer<R> {
    /// An optimizer with one group, from `model.parameters()` or `model.named_parameters()`.
    ///
    /// # Errors
    ///
    /// When an option is out of its domain, the list is empty, or a parameter is given twice or was computed
    /// from others.
    pub fn new(parameters: impl Into<Parameters>, rule: R) -> Result<Self, TrainError> {
        let mut optimizer = Self { defaults: rule.clone(), groups: Vec::new() };
        optimizer.add_group(parameters, rule)?;
        Ok(optimizer)
    }

    /// Adds parameters with their own options; PyTorch's `add_param_group`.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new), also for a parameter that is in another group, and when only some of the
    /// groups have names.
    pub fn add_group(&mut self, parameters: impl Into<Parameters>, rule: R) -> Result<(), TrainError> {
        let parameters = parameters.into();
        rule.validate()?;
        parameters.check(R::NAME, self.groups.iter().map(|group| (group.parameters(), group.names())))?;
        for (index, tensor) in parameters.tensors.iter().enumerate() {
            rule.check_parameter(tensor).map_err(|reason| {
                let label = parameters.label(index);
                let reason = format!("{label} {reason}; Optimizers has a rule for it beside this one");
                TrainError::Parameters { unit: R::NAME, reason }
            })?;
        }
        self.groups.push(ParameterGroup::new(parameters, rule));
        Ok(())
    }

    /// The options that the optimizer was made with. They print as PyTorch's `optimizer.defaults` does.
    #[must_use]
    pub fn defaults(&self) -> &R {
        &self.defaults
    }

    /// The groups; PyTorch's `param_groups`.
    #[must_use]
    pub fn groups(&self) -> &[ParameterGroup<R>] {
        &self.groups
    }

    /// The groups, to change their options.
    pub fn groups_mut(&mut self) -> &mut [ParameterGroup<R>] {
        &mut self.groups
    }

    /// The learning rate of the first group.
    #[must_use]
    pub fn lr(&self) -> f64 {
        self.groups[0].rule.lr()
    }

    /// Sets the learning rate of every group.
    pub fn set_lr(&mut self, lr: f64) {
        for group in &mut self.groups {
            group.rule.set_lr(lr);
        }
    }

    /// Removes the gradients, as PyTorch's `zero_grad` does by default: a parameter that gets no gradient
    /// afterwards is skipped by the next step.
    pub fn zero_grad(&mut self) {
        for group in &self.groups {
            for parameter in &group.parameters {
                selvedge_torch::clear_gradient(parameter);
            }
        }
    }

    /// Updates every parameter that has a gradient.
    ///
    /// # Panics
    ///
    /// When a gradient is sparse and the rule takes dense ones, or the other way round.
    #[track_caller]
    pub fn step(&mut self) {
        let _no_grad = tch::no_grad_guard();
        for group in &mut self.groups {
            group.part();
            let ParameterGroup { rule, parameters, states, .. } = group;
            for slots in &mut slots(rule, parameters, states) {
                rule.update(slots);
            }
        }
    }

    /// Removes the gradients, calls the closure, which computes the loss and its gradients, and updates the
    /// parameters. Returns the loss.
    ///
    /// Differs from PyTorch: the closure does not call `zero_grad`, because it can not borrow the optimizer.
    ///
    /// # Panics
    ///
    /// As [`step`](Self::step).
    #[track_caller]
    pub fn step_with(&mut self, closure: impl FnOnce() -> Tensor) -> Tensor {
        self.zero_grad();
        let loss = tch::with_grad(closure);
        self.step();
        loss
    }
}

/// The parameters with a gradient, apart by device and kind: the kernels take lists of one of each.
#[track_caller]
fn slots<'a, R: UpdateRule>(
    rule: &R,
    parameters: &'a [Tensor],
    states: &'a mut [Option<R::State>],
) -> Vec<Vec<Slot<'a, R::State>>> {
    let mut kinds: Vec<(Device, Kind)> = Vec::new();
    let mut lists: Vec<Vec<Slot<'a, R::State>>> = Vec::new();
    for (parameter, state) in parameters.iter().zip(states) {
        let gradient = parameter.grad();
        if !gradient.defined() {
            continue;
        }
        if gradient.is_sparse() != R::SPARSE {
            let [found, other] = if R::SPARSE { ["dense", "Adam"] } else { ["sparse", "SparseAdam"] };
            panic!("{}: a gradient is {found}; {other} takes those", R::NAME);
        }
        let state = state.get_or_insert_with(|| rule.start(parameter));
        let kind = (parameter.device(), parameter.kind());
        let list = kinds.iter().position(|known| *known == kind).unwrap_or_else(|| {
            kinds.push(kind);
            lists.push(Vec::with_capacity(parameters.len()));
            lists.len() - 1
        });
        lists[list].push(Slot { parameter, gradient, state });
    }
    lists
}
