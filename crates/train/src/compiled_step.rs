mod pass;

use std::fmt;

use selvedge_nn::plan::{Chain, Plan, Refusal, StageParameter};
use selvedge_nn::{Forward, Mode};
use selvedge_torch::TorchError;
use tch::Tensor;

pub(crate) use pass::Pass;

use crate::Loss;
use crate::loss::LossStage;
use crate::optim::Optimize;

/// A training step of a network, a loss and an optimizer as one plan: buffers laid out once, the parameters and the
/// optimizer's state each in one row of memory, and forward, backward and update as kernels that write into them,
/// without autograd.
///
/// The results are those of the ordinary step from the same state, `zero_grad`, forward, loss, `backward`, `step`, but for
/// rounding: the loss agrees within 1e-6 relative, and the same gradients give the same update. Over many steps rounding
/// grows. The same steps on the same machine, with the same number of threads, have the same bits each time. The network's own
/// parameters and the tensors of the optimizer's state become views of the rows, so that evaluating, saving and
/// the ordinary step go on with the same values, during the life of the plan and after it. The learning rate and
/// the other options are read from the optimizer at each step. The gradients are [apart](Self::gradients) from the
/// parameters.
///
/// It takes a network that offers itself as a [chain](Forward::chain), a loss that has
/// [a planned form](Loss::plan), any [`Optimizer`](crate::Optimizer) and several of them
/// [as one](crate::optim::Optimizers), and refuses the rest with the reason.
///
/// On a CUDA device forward and backward are recorded as a [`CudaGraph`](selvedge_torch::CudaGraph) after some steps,
/// and launched as one from then on; the update follows, since its learning rate is a number of the processor. A
/// [`Stage`](selvedge_nn::plan::Stage) of another crate has to do the same work at each step, then.
///
/// ```
/// use selvedge_nn::{Linear, ModuleExt, Relu, Sequential};
/// use selvedge_train::{Adam, CompiledStep, CrossEntropyLoss, Optimizer};
/// use tch::{Device, Kind, Tensor};
///
/// let model = Sequential::new().then(Linear::new(8, 16)).then(Relu).then(Linear::new(16, 3));
/// let mut optimizer = Optimizer::new(model.parameters(), Adam { lr: 0.05, ..Adam::default() })?;
/// let input = Tensor::randn([32, 8], (Kind::Float, Device::Cpu));
/// let target = input.narrow(1, 0, 3).argmax(1, false);
/// let loss = CrossEntropyLoss::default();
/// let mut step = CompiledStep::new(&model, &loss, &mut optimizer, &input, &target)?;
/// let first = step.step(&mut optimizer, &input, &target);
/// for _ in 0..20 {
///     step.step(&mut optimizer, &input, &target);
/// }
/// assert!(step.step(&mut optimizer, &input, &target).double_value(&[]) < first.double_value(&[]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CompiledStep {
    chain: Chain,
    loss: Box<dyn LossStage>,
    gradients: Vec<(Tensor, Tensor)>,
    /// That for the inputs it was made with, and for the last others: the rest of an epoch.
    passes: Vec<Pass>,
}

impl CompiledStep {
    /// Plans the steps for batches like this one. Nothing is learnt from it, and nothing drawn.
    ///
    /// # Errors
    ///
    /// When the network, the loss or the optimizer has something that can not be planned.
    pub fn new(
        model: &dyn Forward,
        loss: &dyn Loss,
        optimizer: &mut dyn Optimize,
        input: &Tensor,
        target: &Tensor,
    ) -> Result<Self, Refusal> {
        let chain = Chain::of(model)?;
        let loss = loss.plan()?;
        drop(Plan::verified(&chain, input, || model.forward(input, Mode::Eval))?);
        let gradients = optimizer.plan(&parameters(&chain)?)?;
        if gradients.is_empty() {
            return Err(Refusal::new(optimizer.name(), "it trains no parameter of the network"));
        }
        let mut step = Self { chain, loss, gradients, passes: Vec::new() };
        step.passes.push(step.pass(input, target)?);
        Ok(step)
    }

    /// One step: the loss of the batch before the update, on its device.
    ///
    /// A batch of another size than the one the step was made with gets buffers of its own.
    ///
    /// # Panics
    ///
    /// When the batch can not be planned, a target is out of range, or the parameters were moved to another device
    /// or kind, or into the rows of another optimizer, after the step was compiled.
    #[track_caller]
    pub fn step(&mut self, optimizer: &mut dyn Optimize, input: &Tensor, target: &Tensor) -> Tensor {
        let moved = self.passes.first().is_some_and(Pass::is_stale);
        assert!(!moved, "the parameters were moved after the step was compiled: compile it anew");
        let _no_grad = tch::no_grad_guard();
        let index = self.pass_for(input, target);
        let pass = &mut self.passes[index];
        pass.run(input, target);
        optimizer.step_planned();
        pass.loss().copy()
    }

    /// The parameters that it trains, each with its gradient by the last step; the next one overwrites them.
    ///
    /// They stand in for `parameter.grad()`, which stays undefined: a backward of libtorch would add to it.
    pub fn gradients(&self) -> &[(Tensor, Tensor)] {
        &self.gradients
    }

    /// What came of recording the steps of a CUDA device, once that was tried: forward and backward are launched as one,
    /// or one after the other for that reason. The results are the same.
    #[must_use]
    pub fn recorded(&self) -> Option<Result<(), &TorchError>> {
        self.passes.iter().find_map(Pass::recorded)
    }

    #[track_caller]
    fn pass_for(&mut self, input: &Tensor, target: &Tensor) -> usize {
        if let Some(index) = self.passes.iter().position(|pass| pass.fits(input, target)) {
            return index;
        }
        let pass = self.pass(input, target).unwrap_or_else(|refusal| panic!("{refusal}"));
        self.passes.truncate(1);
        self.passes.push(pass);
        1
    }

    fn pass(&self, input: &Tensor, target: &Tensor) -> Result<Pass, Refusal> {
        Pass::new(&self.chain, &*self.loss, &self.gradients, input, target)
    }
}

fn parameters(chain: &Chain) -> Result<Vec<StageParameter<'_>>, Refusal> {
    let mut parameters: Vec<StageParameter<'_>> = Vec::new();
    for link in chain.links() {
        for parameter in link.stage.parameters() {
            if parameters.iter().any(|known| selvedge_torch::is_same(known.tensor, parameter.tensor)) {
                return Err(link.refusal("it shares a parameter with a layer before it"));
            }
            parameters.push(parameter);
        }
    }
    Ok(parameters)
}

impl fmt::Debug for CompiledStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledStep")
            .field("chain", &self.chain)
            .field("loss", &self.loss)
            .finish_non_exhaustive()
    }
}
