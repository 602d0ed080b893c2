use tch::Tensor;

use super::{Placement, Stage, Work};

/// A stage that changes the shape at most: its output is the input's own memory where that has no gaps.
#[derive(Debug)]
pub(crate) struct Through<V>(pub(crate) V);

/// How a [`Through`] sees its input.
pub(crate) trait Look: Clone + std::fmt::Debug + Send + 'static {
    fn look(&self, input: &Tensor) -> Result<Tensor, String>;
}

impl<V: Look> Stage for Through<V> {
    fn place(&self, placement: &Placement<'_>) -> Result<Box<dyn Work>, String> {
        Ok(Box::new(ThroughWork {
            look: self.0.clone(),
            output: self.0.look(placement.input)?,
            gradient: Tensor::new(),
            may_be_overwritten: placement.may_overwrite,
        }))
    }
}

struct ThroughWork<V> {
    look: V,
    output: Tensor,
    gradient: Tensor,
    may_be_overwritten: bool,
}

impl<V: Look> Work for ThroughWork<V> {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        self.may_be_overwritten
    }

    fn forward(&mut self, input: &Tensor) {
        self.output = self.look.look(input).expect("the shape was looked at when the plan was made");
    }

    fn backward(&mut self, input: &Tensor, gradient: &Tensor) {
        self.gradient = gradient.reshape(input.size());
    }

    fn input_gradient<'a>(&'a self, _: &'a Tensor) -> &'a Tensor {
        &self.gradient
    }
}
