use std::borrow::Cow;

use selvedge_nn::plan::{Refusal, StageParameter};
use selvedge_torch::is_same;
use tch::Tensor;

use crate::TrainError;
use crate::optim::optimize::update_once;
use crate::optim::state_dict::joined;
use crate::optim::{Optimize, OptimizerStateDict, Pass, Passes, Step, parameters};

/// Several optimizers that are stepped as one, each with parameters of its own: for a rule that does not take all
/// parameters of a network, such as [`Muon`](crate::optim::Muon), beside one for the others.
///
/// PyTorch has no name for it: there one calls `zero_grad` and `step` of each. The result is the same. A schedule sees
/// the groups of the first, then those of the second, and so on.
///
/// ```
/// use selvedge_nn::{Forward, Linear, Mode, ModuleExt, Relu, Sequential};
/// use selvedge_train::optim::{AdamW, Muon, Optimizer, Optimizers};
/// use selvedge_train::{CrossEntropyLoss, Loss};
/// use tch::{Device, Kind, Tensor};
///
/// let model = Sequential::new().then(Linear::new(8, 16)).then(Relu).then(Linear::new(16, 3));
/// let (matrices, rest): (Vec<_>, Vec<_>) =
///     model.named_parameters().into_iter().partition(|(_, parameter)| parameter.dim() == 2);
/// let mut optimizers = Optimizers::new(vec![
///     Box::new(Optimizer::new(matrices, Muon { lr: 0.02, ..Muon::default() })?),
///     Box::new(Optimizer::new(rest, AdamW { lr: 0.01, ..AdamW::default() })?),
/// ])?;
///
/// let input = Tensor::randn([32, 8], (Kind::Float, Device::Cpu));
/// let target = input.narrow(1, 0, 3).argmax(1, false);
/// let mut losses = Vec::new();
/// for _ in 0..20 {
///     optimizers.zero_grad();
///     let loss = CrossEntropyLoss::default().forward(&model.forward(&input, Mode::Train), &target);
///     loss.backward();
///     optimizers.step();
///     losses.push(loss.double_value(&[]));
/// }
/// assert!(losses[19] < losses[0]);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug)]
pub struct Optimizers {
    optimizers: Vec<Box<dyn Step>>,
}

impl Optimizers {
    const NAME: &'static str = "Optimizers";

    /// Puts optimizers together.
    ///
    /// # Errors
    ///
    /// When there is none, or a parameter is in two of them.
    pub fn new(optimizers: Vec<Box<dyn Step>>) -> Result<Self, TrainError> {
        let refuse = |reason: String| Err(TrainError::Parameters { unit: Self::NAME, reason });
        if optimizers.is_empty() {
            return refuse("there is no optimizer".to_owned());
        }
        let mut seen: Vec<(Tensor, usize)> = Vec::new();
        for (index, optimizer) in optimizers.iter().enumerate() {
            let parameters = optimizer.parameters();
            for (at, parameter) in parameters.iter().enumerate() {
                if let Some((_, first)) = seen.iter().find(|(known, _)| is_same(known, parameter)) {
                    let place = |index: usize| format!("optimizer {index} ({})", optimizers[index].name());
                    let label = label(&**optimizer, at);
                    return refuse(format!("{label} of {} is in {}, too", place(index), place(*first)));
                }
            }
            seen.extend(parameters.into_iter().map(|parameter| (parameter, index)));
        }
        Ok(Self { optimizers })
    }

    /// The optimizers, in order. To give PyTorch what they hold, save the state dict of each.
    #[must_use]
    pub fn optimizers(&self) -> &[Box<dyn Step>] {
        &self.optimizers
    }

    /// The optimizers, to load a state dict into each, or to change their options.
    pub fn optimizers_mut(&mut self) -> impl Iterator<Item = &mut (dyn Step + 'static)> {
        self.optimizers.iter_mut().map(|optimizer| &mut **optimizer)
    }

    /// Removes the gradients.
    pub fn zero_grad(&mut self) {
        for optimizer in &mut self.optimizers {
            optimizer.zero_grad();
        }
    }

    /// Updates every parameter that has a gradient, by its optimizer.
    ///
    /// # Panics
    ///
    /// As [`Optimizer::step`](crate::optim::Optimizer::step).
    #[track_caller]
    pub fn step(&mut self) {
        for optimizer in &mut self.optimizers {
            optimizer.step();
        }
    }

    /// As [`Optimizer::step_with`](crate::optim::Optimizer::step_with).
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

    /// The optimizer that a group is in, and the group's index there.
    pub(crate) fn at(&self, group: usize) -> (&dyn Step, usize) {
        let (optimizer, group) = self.place(group);
        (&*self.optimizers[optimizer], group)
    }

    /// As [`at`](Self::at).
    pub(crate) fn at_mut(&mut self, group: usize) -> (&mut dyn Step, usize) {
        let (optimizer, group) = self.place(group);
        (&mut *self.optimizers[optimizer], group)
    }

    fn place(&self, group: usize) -> (usize, usize) {
        let mut first = 0;
        for (index, optimizer) in self.optimizers.iter().enumerate() {
            let count = optimizer.group_count();
            if group < first + count {
                return (index, group - first);
            }
            first += count;
        }
        panic!("there are {first} groups, and none has the index {group}")
    }
}

impl Optimize for Optimizers {
    /// The names of the optimizers, such as `Muon and AdamW`.
    fn name(&self) -> Cow<'static, str> {
        let mut names: Vec<_> = Vec::new();
        for name in self.optimizers.iter().map(|optimizer| optimizer.name()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(" and ").into()
    }

    fn parameters(&self) -> Vec<Tensor> {
        self.optimizers.iter().flat_map(|optimizer| optimizer.parameters()).collect()
    }

    fn zero_grad(&mut self) {
        Self::zero_grad(self);
    }

    fn update(&mut self, pass: &mut dyn Passes) -> Result<Pass, TrainError> {
        update_once(self, pass, Self::step)
    }

    fn plan(&mut self, parameters: &[StageParameter<'_>]) -> Result<Vec<(Tensor, Tensor)>, Refusal> {
        let mut gradients = Vec::new();
        for optimizer in &mut self.optimizers {
            gradients.extend(optimizer.plan(parameters)?);
        }
        Ok(gradients)
    }

    fn step_planned(&mut self) {
        for optimizer in &mut self.optimizers {
            optimizer.step_planned();
        }
    }

    /// The groups of all, in order. Each says under `optimizer` whose it is, and the parameters are counted through all.
    fn state_dict(&self) -> OptimizerStateDict {
        joined::join(self.optimizers.iter().map(|optimizer| (optimizer.name(), optimizer.state_dict())))
    }

    fn load_state_dict(&mut self, dict: &OptimizerStateDict) -> Result<(), TrainError> {
        let parts: Vec<_> =
            self.optimizers.iter().map(|optimizer| (optimizer.name(), optimizer.group_count())).collect();
        let dicts = joined::divide(dict, &parts)
            .map_err(|difference| TrainError::StateDict { unit: Self::NAME, difference })?;
        // What one refuses, no other is to keep.
        let before: Vec<_> = self.optimizers.iter().map(|optimizer| optimizer.state_dict()).collect();
        for (index, dict) in dicts.iter().enumerate() {
            if let Err(error) = self.optimizers[index].load_state_dict(dict) {
                for (optimizer, before) in self.optimizers[..index].iter_mut().zip(&before) {
                    optimizer.load_state_dict(before)?;
                }
                return Err(error);
            }
        }
        Ok(())
    }
}

/// A parameter by its name, or by its number where it has none.
fn label(optimizer: &dyn Step, parameter: usize) -> String {
    let groups = optimizer.state_dict().param_groups.into_iter();
    let names: Option<Vec<Vec<String>>> = groups.map(|group| group.param_names).collect();
    parameters::label(parameter, names.map(|names| names.concat()).as_deref(), None)
}
