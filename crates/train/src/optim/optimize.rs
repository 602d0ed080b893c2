use std::borrow::Cow;
use std::fmt::Debug;

use selvedge_nn::plan::{Refusal, StageParameter};
use selvedge_torch::grad_guard;
use tch::Tensor;

use crate::TrainError;
use crate::lr_scheduler::Groups;
use crate::optim::lbfgs::Evaluate;
use crate::optim::{Lbfgs, LbfgsOptimizer, Optimizer, OptimizerStateDict, UpdateRule};

/// An optimizer of whatever kind, for code that is the same for all: an [`Optimizer`] of any rule,
/// [`Optimizers`](crate::optim::Optimizers) of several, or the [`LbfgsOptimizer`].
///
/// ```
/// use selvedge_train::optim::{Adam, Lbfgs, LbfgsOptimizer, Optimize, Optimizer, Pass};
/// use tch::{Kind, Tensor};
///
/// let weight = || Tensor::from_slice(&[3.0f32, -2.0]).set_requires_grad(true);
/// let (first, second) = (weight(), weight());
/// let adam = Optimizer::new(vec![first.shallow_clone()], Adam::default())?;
/// let lbfgs = LbfgsOptimizer::new(vec![second.shallow_clone()], Lbfgs::default())?;
/// let optimizers: [(Box<dyn Optimize>, Tensor); 2] = [(Box::new(adam), first), (Box::new(lbfgs), second)];
/// for (mut optimizer, weight) in optimizers {
///     let pass = optimizer.update(&mut || {
///         let loss = weight.square().sum(Kind::Float);
///         loss.backward();
///         Ok(Pass { loss, usable: true })
///     })?;
///     assert!(weight.square().sum(Kind::Float).double_value(&[]) < pass.loss.double_value(&[]));
/// }
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
pub trait Optimize: Groups + Debug {
    /// PyTorch's name of the optimizer, or those of several.
    fn name(&self) -> Cow<'static, str>;

    /// Handles to the parameters of all groups.
    fn parameters(&self) -> Vec<Tensor>;

    /// Removes the gradients.
    fn zero_grad(&mut self);

    /// Makes an update: removes the gradients, calls `pass`, which computes the loss and its gradients, as often as
    /// the update needs, and changes the parameters. Returns what the first call did.
    ///
    /// Where a pass says that its gradients are not usable, the parameters stay as they are; `usable` of the
    /// result tells.
    ///
    /// # Errors
    ///
    /// Those of `pass`; the parameters were not changed, or in an update of several passes, are where the last
    /// good one was.
    ///
    /// # Panics
    ///
    /// As [`Optimizer::step`].
    #[track_caller]
    fn update(&mut self, pass: &mut dyn Passes) -> Result<Pass, TrainError>;

    /// Whether an update may call its closure several times, as L-BFGS does.
    fn repeats(&self) -> bool {
        false
    }

    /// Lays out, of the given parameters, those that it trains, so that [`step_planned`](Self::step_planned) can
    /// update them, and removes the gradients. Returns each with the tensor that its gradient goes to; a
    /// [`CompiledStep`](crate::CompiledStep) calls it.
    ///
    /// # Errors
    ///
    /// When it can not take gradients that were computed for it, as by default.
    fn plan(&mut self, parameters: &[StageParameter<'_>]) -> Result<Vec<(Tensor, Tensor)>, Refusal> {
        let _ = parameters;
        Err(Refusal::new(self.name(), "it computes the gradients several times in a step"))
    }

    /// Updates the parameters that [`plan`](Self::plan) returned by the gradients beside them.
    #[track_caller]
    fn step_planned(&mut self) {}

    /// The state and the options, as PyTorch's `state_dict()` has them. The tensors are handles to the
    /// optimizer's own.
    fn state_dict(&self) -> OptimizerStateDict;

    /// Takes over the state and the options of another run, of ours or of PyTorch.
    ///
    /// # Errors
    ///
    /// When the state dict is of another model or another optimizer, with the difference; nothing was changed
    /// then.
    fn load_state_dict(&mut self, dict: &OptimizerStateDict) -> Result<(), TrainError>;
}

/// What an [`Optimize::update`] calls for: the loss and its gradients. A closure that gives a [`Pass`] is one; a panic in
/// another implementation names the line that called `update`, or what called that.
pub trait Passes {
    /// Computes the loss, and adds its gradients to those of the parameters.
    ///
    /// # Errors
    ///
    /// Any, which ends the update.
    #[track_caller]
    fn pass(&mut self) -> Result<Pass, TrainError>;
}

impl<F: FnMut() -> Result<Pass, TrainError>> Passes for F {
    fn pass(&mut self) -> Result<Pass, TrainError> {
        self()
    }
}

/// What an [`Optimize::update`] computed beside the gradients.
#[derive(Debug)]
pub struct Pass {
    /// The loss.
    pub loss: Tensor,
    /// Whether the gradients are to be followed. Those that overflowed in half precision are not.
    pub usable: bool,
}

impl<R: UpdateRule> Optimize for Optimizer<R> {
    fn name(&self) -> Cow<'static, str> {
        R::NAME.into()
    }

    fn parameters(&self) -> Vec<Tensor> {
        self.groups().iter().flat_map(|group| group.parameters()).map(Tensor::shallow_clone).collect()
    }

    fn zero_grad(&mut self) {
        Self::zero_grad(self);
    }

    fn update(&mut self, pass: &mut dyn Passes) -> Result<Pass, TrainError> {
        update_once(self, pass, Self::step)
    }

    fn plan(&mut self, parameters: &[StageParameter<'_>]) -> Result<Vec<(Tensor, Tensor)>, Refusal> {
        Self::lay_out(self, parameters)
    }

    fn step_planned(&mut self) {
        Self::step_rows(self);
    }

    fn state_dict(&self) -> OptimizerStateDict {
        Self::state_dict(self)
    }

    fn load_state_dict(&mut self, dict: &OptimizerStateDict) -> Result<(), TrainError> {
        Self::load_state_dict(self, dict)
    }
}

/// An [`update`](Optimize::update) that calls for one pass.
#[track_caller]
pub(super) fn update_once<O: Optimize>(
    optimizer: &mut O,
    pass: &mut dyn Passes,
    step: impl FnOnce(&mut O),
) -> Result<Pass, TrainError> {
    optimizer.zero_grad();
    let grad = grad_guard();
    let pass = pass.pass()?;
    drop(grad);
    if pass.usable {
        step(optimizer);
    }
    Ok(pass)
}

/// Why L-BFGS does not go on with a step.
enum Ended {
    Failed(TrainError),
    Unusable(Tensor),
}

/// The losses of passes whose gradients are usable.
struct Usable<'a>(&'a mut dyn Passes);

impl Evaluate<Ended> for Usable<'_> {
    fn loss(&mut self) -> Result<Tensor, Ended> {
        match self.0.pass() {
            Ok(Pass { loss, usable: true }) => Ok(loss),
            Ok(Pass { loss, usable: false }) => Err(Ended::Unusable(loss)),
            Err(error) => Err(Ended::Failed(error)),
        }
    }
}

impl Optimize for LbfgsOptimizer {
    fn name(&self) -> Cow<'static, str> {
        Lbfgs::NAME.into()
    }

    fn parameters(&self) -> Vec<Tensor> {
        self.parameters.iter().map(Tensor::shallow_clone).collect()
    }

    fn zero_grad(&mut self) {
        Self::zero_grad(self);
    }

    fn update(&mut self, pass: &mut dyn Passes) -> Result<Pass, TrainError> {
        match self.try_step_with(&mut Usable(pass)) {
            Ok(loss) => Ok(Pass { loss, usable: true }),
            Err(Ended::Unusable(loss)) => Ok(Pass { loss, usable: false }),
            Err(Ended::Failed(error)) => Err(error),
        }
    }

    fn repeats(&self) -> bool {
        true
    }

    fn state_dict(&self) -> OptimizerStateDict {
        Self::state_dict(self)
    }

    fn load_state_dict(&mut self, dict: &OptimizerStateDict) -> Result<(), TrainError> {
        Self::load_state_dict(self, dict)
    }
}
