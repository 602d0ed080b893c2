//! A network as a chain of stages whose buffers are laid out once, run without autograd.
//!
//! A module offers itself through [`Forward::chain`](crate::Forward::chain), which collects its [`Stage`]s into a
//! [`Chain`]. A [`Plan`] gives each stage its buffers for inputs of one shape, which makes it a [`Work`]: forward
//! and backward as kernels that write into those buffers. What can not be planned is a [`Refusal`] that names the
//! layer; the ordinary `forward` with autograd then does the same work.
//!
//! Each layer's stage stands beside the layer, in its own `stage.rs`.

mod chain;
mod inference;
mod placement;
mod pointwise;
mod refusal;
mod stage;
mod through;

use std::fmt;

use tch::{Device, Kind, Tensor};

pub use chain::{Chain, Link};
pub use inference::Inference;
pub use placement::Placement;
pub(crate) use pointwise::{Pointwise, PointwiseKernels};
pub use refusal::Refusal;
pub use stage::{Stage, StageParameter, Work};
pub(crate) use through::{Look, Through};

use crate::Mode;

/// The stages of a [`Chain`] with their buffers, for inputs of one shape, kind and device.
///
/// Nothing that it runs is recorded by autograd. In [`Mode::Train`] it has a backward, too; dropout draws from
/// libtorch's generator what `forward` would have drawn.
///
/// ```
/// use selvedge_nn::plan::{Chain, Plan};
/// use selvedge_nn::{Forward, Linear, Mode, Relu, Sequential};
/// use tch::{Device, Kind, Tensor};
///
/// let network = Sequential::new().then(Linear::new(8, 4)).then(Relu).then(Linear::new(4, 2));
/// let input = Tensor::randn([3, 8], (Kind::Float, Device::Cpu));
/// let mut plan = Plan::new(&Chain::of(&network)?, &input, Mode::Eval, &[])?;
/// assert!(plan.forward(&input).allclose(&network.forward(&input, Mode::Eval), 1e-6, 1e-6, false));
/// # Ok::<(), selvedge_nn::plan::Refusal>(())
/// ```
pub struct Plan {
    size: Vec<i64>,
    kind: Kind,
    device: Device,
    /// The parameters and where they lay when the plan was made.
    parameters: Vec<(Tensor, usize)>,
    works: Vec<Box<dyn Work>>,
    /// Nothing before this stage is trained, so the backward ends there.
    first_trained: usize,
}

impl Plan {
    /// Lays out the buffers for inputs like this one. `gradients` pairs each parameter to train with the tensor of
    /// its shape that the backward writes its gradient to; other parameters get none.
    ///
    /// # Errors
    ///
    /// When a stage can not be planned for its input, or there is none.
    pub fn new(
        chain: &Chain,
        input: &Tensor,
        mode: Mode,
        gradients: &[(Tensor, Tensor)],
    ) -> Result<Self, Refusal> {
        let _no_grad = tch::no_grad_guard();
        let is_trained = |link: &Link| {
            let parameters = link.stage.parameters();
            parameters.iter().any(|parameter| {
                gradients.iter().any(|(known, _)| selvedge_torch::is_same(known, parameter.tensor))
            })
        };
        let first_trained = chain.links().iter().position(is_trained).unwrap_or(chain.links().len());
        let mut works: Vec<Box<dyn Work>> = Vec::with_capacity(chain.links().len());
        for (index, link) in chain.links().iter().enumerate() {
            let last = works.last();
            let placement = Placement {
                input: last.map_or(input, |work| work.output()),
                may_overwrite: last.is_some_and(|work| work.may_be_overwritten()),
                mode,
                wants_gradient: index > first_trained,
                gradients,
            };
            works.push(link.stage.place(&placement).map_err(|reason| link.refusal(reason))?);
        }
        if works.is_empty() {
            return Err(Refusal::new("the chain", "it has no stages"));
        }
        let parameters = chain.links().iter().flat_map(|link| link.stage.parameters());
        let parameters = parameters.map(|parameter| parameter.tensor);
        Ok(Self {
            size: input.size(),
            kind: input.kind(),
            device: input.device(),
            parameters: parameters.map(|tensor| (tensor.shallow_clone(), address(tensor))).collect(),
            works,
            first_trained,
        })
    }

    /// A plan for [`Mode::Eval`] that gives for this input what the network's `forward` does; `output` calls it.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new), and when the output is another one: the chain is not what the network does.
    pub fn verified(chain: &Chain, input: &Tensor, output: impl FnOnce() -> Tensor) -> Result<Self, Refusal> {
        let mut plan = Self::new(chain, input, Mode::Eval, &[])?;
        let _no_grad = tch::no_grad_guard();
        let output = output();
        let planned = plan.forward(input);
        if planned.size() == output.size() && planned.allclose(&output, 1e-3, 1e-4, true) {
            return Ok(plan);
        }
        Err(Refusal::new("the chain", "it computes something else than the network's forward"))
    }

    /// Whether the plan is for inputs like this one.
    #[must_use]
    pub fn fits(&self, input: &Tensor) -> bool {
        input.size() == self.size && input.kind() == self.kind && input.device() == self.device
    }

    /// Whether a parameter was moved after the plan was made, to another device, kind or place in memory: the plan
    /// computes with what it was before.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.parameters.iter().any(|(parameter, before)| address(parameter) != *before)
    }

    /// The output for an input, in a buffer that the next call writes over.
    ///
    /// # Panics
    ///
    /// When the plan is not for inputs like this one.
    #[track_caller]
    pub fn forward(&mut self, input: &Tensor) -> &Tensor {
        assert!(
            self.fits(input),
            "a plan for inputs of shape {:?} and kind {:?} on {:?} was given {:?} and {:?} on {:?}",
            self.size,
            self.kind,
            self.device,
            input.size(),
            input.kind(),
            input.device()
        );
        let _no_grad = tch::no_grad_guard();
        for index in 0..self.works.len() {
            let (before, rest) = self.works.split_at_mut(index);
            rest[0].forward(before.last().map_or(input, |work| work.output()));
        }
        self.output()
    }

    /// The output of the last [`forward`](Self::forward).
    pub fn output(&self) -> &Tensor {
        self.works[self.works.len() - 1].output()
    }

    /// Writes the gradients of the parameters, given the input of the last [`forward`](Self::forward) and the
    /// gradient of its output, which is written over.
    pub fn backward(&mut self, input: &Tensor, gradient: &Tensor) {
        let _no_grad = tch::no_grad_guard();
        let (rest, trained) = self.works.split_at_mut(self.first_trained);
        backward(trained, rest.last().map_or(input, |work| work.output()), gradient);
    }
}

fn address(parameter: &Tensor) -> usize {
    parameter.data_ptr().addr()
}

/// The last stage first.
fn backward(works: &mut [Box<dyn Work>], input: &Tensor, gradient: &Tensor) {
    if let Some((work, before)) = works.split_last_mut() {
        work.backward(before.last().map_or(input, |work| work.output()), gradient);
        backward(before, input, work.input_gradient(gradient));
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("size", &self.size)
            .field("kind", &self.kind)
            .field("device", &self.device)
            .field("stages", &self.works.len())
            .finish_non_exhaustive()
    }
}
