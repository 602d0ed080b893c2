use selvedge_nn::plan::{Chain, Placement, Refusal, Stage, StageParameter, Work};
use selvedge_nn::{Forward, Mode, Module};
use tch::Tensor;

/// Adds a parameter, whose gradient is then that of the input of what comes after it.
#[derive(Debug, Module)]
pub(crate) struct Offset {
    #[module(parameter)]
    pub(crate) offset: Tensor,
}

impl Forward for Offset {
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        input + &self.offset
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        chain.push("Offset", OffsetStage(self.offset.shallow_clone()));
        Ok(())
    }
}

#[derive(Debug)]
struct OffsetStage(Tensor);

impl Stage for OffsetStage {
    fn parameters(&self) -> Vec<StageParameter<'_>> {
        vec![StageParameter { tensor: &self.0, transposed: false }]
    }

    fn place(&self, placement: &Placement<'_>) -> Result<Box<dyn Work>, String> {
        let output = placement.buffer(&self.0.size());
        Ok(Box::new(OffsetWork { offset: self.0.detach(), output, gradient: placement.gradient_of(&self.0) }))
    }
}

struct OffsetWork {
    offset: Tensor,
    output: Tensor,
    gradient: Option<Tensor>,
}

impl Work for OffsetWork {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        true
    }

    fn forward(&mut self, input: &Tensor) {
        let _ = input.add_out(&self.output, &self.offset);
    }

    fn backward(&mut self, _: &Tensor, gradient: &Tensor) {
        if let Some(of_offset) = &mut self.gradient {
            of_offset.copy_(gradient);
        }
    }

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        gradient
    }
}
