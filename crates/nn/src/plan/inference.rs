use selvedge_torch::Replay;
use tch::Tensor;

use super::{Chain, Plan, Refusal};
use crate::{Forward, Mode};

/// A network in use: in [`Mode::Eval`], without gradients, and planned where it [can be](Forward::chain).
///
/// The first input of a shape runs through the network's `forward`. The second is what a plan is made for: its buffers,
/// kept for one or two shapes, pay from then on. A plan that gives another output than `forward` is not used. On a CUDA
/// device it is [recorded](Replay) after some runs, and replayed from then on.
///
/// ```
/// use selvedge_nn::plan::Inference;
/// use selvedge_nn::{Forward, Linear, Mode, Relu, Sequential};
/// use tch::{Device, Kind, Tensor};
///
/// let network = Sequential::new().then(Linear::new(8, 4)).then(Relu).then(Linear::new(4, 2));
/// let mut inference = Inference::of(&network);
/// assert!(inference.refusal().is_none());
/// for _ in 0..3 {
///     let input = Tensor::randn([3, 8], (Kind::Float, Device::Cpu));
///     assert!(inference.run(&input).allclose(&network.forward(&input, Mode::Eval), 1e-6, 1e-6, false));
/// }
/// ```
pub struct Inference<'a> {
    network: &'a dyn Forward,
    chain: Result<Chain, Refusal>,
    plans: Vec<Planned>,
    /// The shape of the last input that had no plan.
    last: Vec<i64>,
}

impl<'a> Inference<'a> {
    /// Plans nothing yet: that waits for an input.
    #[must_use]
    pub fn of(network: &'a dyn Forward) -> Self {
        Self { network, chain: Chain::of(network), plans: Vec::new(), last: Vec::new() }
    }

    /// Why the network is not planned, where it is not. What its stages say to an input is known after the second.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.chain.as_ref().err()
    }

    /// The output for an input, in a tensor of its own.
    ///
    /// # Panics
    ///
    /// As `forward` of the network.
    #[track_caller]
    pub fn run(&mut self, input: &Tensor) -> Tensor {
        let _no_grad = tch::no_grad_guard();
        self.plans.retain(|planned| !planned.plan.is_stale());
        if let Some(planned) = self.plans.iter_mut().find(|planned| planned.plan.fits(input)) {
            return planned.run(input);
        }
        let output = self.network.forward(input, Mode::Eval);
        if self.last == input.size() {
            self.plan(input, &output);
        }
        self.last = input.size();
        output
    }

    fn plan(&mut self, input: &Tensor, output: &Tensor) {
        let Ok(chain) = &self.chain else { return };
        match Plan::verified(chain, input, || output.shallow_clone()) {
            Ok(plan) => {
                self.plans.truncate(1);
                self.plans.push(Planned::new(plan, input));
            }
            Err(refusal) => self.chain = Err(refusal),
        }
    }
}

/// A plan in use.
struct Planned {
    plan: Plan,
    replay: Replay,
    /// On a GPU what is replayed reads its input from here.
    input: Option<Tensor>,
}

impl Planned {
    fn new(plan: Plan, input: &Tensor) -> Self {
        let device = input.device();
        Self { plan, replay: Replay::on(device), input: device.is_cuda().then(|| input.empty_like()) }
    }

    fn run(&mut self, input: &Tensor) -> Tensor {
        let Some(kept) = &mut self.input else { return self.plan.forward(input).copy() };
        kept.copy_(input);
        self.replay.run(|| {
            let _ = self.plan.forward(kept);
        });
        self.plan.output().copy()
    }
}

impl std::fmt::Debug for Planned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Planned").field("plan", &self.plan).field("replay", &self.replay).finish()
    }
}

impl std::fmt::Debug for Inference<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inference")
            .field("chain", &self.chain)
            .field("plans", &self.plans)
            .finish_non_exhaustive()
    }
}
