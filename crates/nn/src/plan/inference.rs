use tch::Tensor;

use super::{Chain, Plan, Refusal};
use crate::{Forward, Mode};

/// A network in use: in [`Mode::Eval`], without gradients, and planned where it [can be](Forward::chain).
///
/// Buffers are laid out for the shape of the first input, and once more for the last other one, such as the rest of a
/// data set. The outputs are those of the network's `forward`.
///
/// ```
/// use selvedge_nn::plan::Inference;
/// use selvedge_nn::{Forward, Linear, Mode, Relu, Sequential};
/// use tch::{Device, Kind, Tensor};
///
/// let network = Sequential::new().then(Linear::new(8, 4)).then(Relu).then(Linear::new(4, 2));
/// let mut inference = Inference::of(&network);
/// assert!(inference.refusal().is_none());
/// let input = Tensor::randn([3, 8], (Kind::Float, Device::Cpu));
/// assert!(inference.run(&input).allclose(&network.forward(&input, Mode::Eval), 1e-6, 1e-6, false));
/// ```
pub struct Inference<'a> {
    network: &'a dyn Forward,
    chain: Result<Chain, Refusal>,
    plans: Vec<Plan>,
}

impl<'a> Inference<'a> {
    /// Plans nothing yet: that waits for an input.
    #[must_use]
    pub fn of(network: &'a dyn Forward) -> Self {
        Self { network, chain: Chain::of(network), plans: Vec::new() }
    }

    /// Why the network is not planned, where it is not. What its layers say to an input is known after that.
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
        match self.plan_for(input) {
            Some(plan) => plan.forward(input).copy(),
            None => self.network.forward(input, Mode::Eval),
        }
    }

    fn plan_for(&mut self, input: &Tensor) -> Option<&mut Plan> {
        self.plans.retain(|plan| !plan.is_stale());
        if let Some(index) = self.plans.iter().position(|plan| plan.fits(input)) {
            return Some(&mut self.plans[index]);
        }
        match Plan::new(self.chain.as_ref().ok()?, input, Mode::Eval, &[]) {
            Ok(plan) => {
                self.plans.truncate(1);
                self.plans.push(plan);
                self.plans.last_mut()
            }
            Err(refusal) => {
                self.chain = Err(refusal);
                None
            }
        }
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
