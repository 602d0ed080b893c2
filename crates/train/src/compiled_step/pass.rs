use selvedge_nn::Mode;
use selvedge_nn::plan::{Chain, Plan, Refusal};
use selvedge_torch::{Replay, TorchError};
use tch::Tensor;

use crate::loss::{LossStage, LossWork};

/// Forward and backward of a network and a loss, planned for batches of one form. On a CUDA device it is recorded
/// after some steps, and replayed from then on.
pub(crate) struct Pass {
    planned: Planned,
    replay: Replay,
    /// On a GPU what is replayed reads the input from here,
    input: Option<Tensor>,
    /// and the target from here.
    target: Tensor,
}

struct Planned {
    network: Plan,
    loss: Box<dyn LossWork>,
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
        let device = input.device();
        Ok(Self {
            planned: Planned { network, loss },
            replay: Replay::on(device),
            input: device.is_cuda().then(|| input.empty_like()),
            target: target.empty_like(),
        })
    }

    pub(super) fn fits(&self, input: &Tensor, target: &Tensor) -> bool {
        self.planned.network.fits(input)
            && self.target.kind() == target.kind()
            && self.target.size() == target.size()
    }

    /// As [`Plan::is_stale`].
    pub(super) fn is_stale(&self) -> bool {
        self.planned.network.is_stale()
    }

    /// Writes the gradients of the parameters.
    #[track_caller]
    pub(crate) fn run(&mut self, input: &Tensor, target: &Tensor) {
        let _no_grad = tch::no_grad_guard();
        let Some(kept) = &mut self.input else { return self.planned.run(input, target) };
        kept.copy_(input);
        self.target.copy_(target);
        self.replay.run(|| self.planned.run(kept, &self.target));
    }

    /// The loss of the last batch.
    pub(super) fn loss(&self) -> &Tensor {
        self.planned.loss.value()
    }

    /// As [`Replay::outcome`].
    pub(super) fn recorded(&self) -> Option<Result<(), &TorchError>> {
        self.replay.outcome()
    }
}

impl Planned {
    #[track_caller]
    fn run(&mut self, input: &Tensor, target: &Tensor) {
        let output = self.network.forward(input);
        self.loss.forward(output, target);
        self.loss.backward(output, target);
        self.network.backward(input, self.loss.gradient());
    }
}
