use tch::Tensor;

use crate::plan::{Chain, Look, Refusal, Through};
use crate::{Forward, Mode, Module, observe};

/// Returns its input; a place holder for a layer that is not there. PyTorch: `torch.nn.Identity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Module)]
pub struct Identity;

impl Forward for Identity {
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        observe(self, input.shallow_clone())
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        chain.push("Identity", Through(*self));
        Ok(())
    }
}

impl Look for Identity {
    fn look(&self, input: &Tensor) -> Result<Tensor, String> {
        Ok(input.shallow_clone())
    }
}
