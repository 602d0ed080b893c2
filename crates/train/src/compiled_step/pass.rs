use selvedge_nn::Mode;
use selvedge_nn::plan::{Chain, Plan, Refusal};
use tch::Tensor;

use crate::loss::{LossStage, LossWork};

/// Forward and backward of a network and a loss, planned for batches of one form.
pub(crate) struct Pass {
    network: Plan,
    loss: Box<dyn LossWork>,
    target: Tensor,
}

impl Pass {
    /// Lays out the buffers. `gradients` are as for [`Plan::new`].
    pub(crate) fn new(
        chain: &Chain,
        loss: &dyn LossStage,
        gradients: &[(Tensor, Tensor)],
        input: &Tensor,
        target: &Tensor,
    ) -> Result<Self, Refusal> {
        let network = Plan::new(chain, input, Mode::Train, gradients)?;
        let loss = loss.place(network.output(), target).map_err(|reason| Refusal::new("the loss", reason))?;
        Ok(Self { network, loss, target: target.empty_like() })
    }

    pub(super) fn fits(&self, input: &Tensor, target: &Tensor) -> bool {
        self.network.fits(input) && self.target.kind() == target.kind() && self.target.size() == target.size()
    }

    /// As [`Plan::is_stale`].
    pub(super) fn is_stale(&self) -> bool {
        self.network.is_stale()
    }

    /// Writes the gradients of the parameters.
    #[track_caller]
    pub(crate) fn run(&mut self, input: &Tensor, target: &Tensor) {
        let _no_grad = tch::no_grad_guard();
        let output = self.network.forward(input);
        self.loss.forward(output, target);
        self.loss.backward(output, target);
        self.network.backward(input, self.loss.gradient());
    }

    /// The loss of the last batch.
    pub(super) fn loss(&self) -> &Tensor {
        self.loss.value()
    }
}
