use crate::optim::{Optimize, Optimizer, UpdateRule};

/// An optimizer that makes a step by the gradients that are there, so that it can be one of
/// [`Optimizers`](crate::optim::Optimizers): an [`Optimizer`] of any rule. L-BFGS is none, since it asks for gradients
/// again within a step.
pub trait Step: Optimize + Send {
    /// Updates every parameter that has a gradient.
    ///
    /// # Panics
    ///
    /// As [`Optimizer::step`].
    #[track_caller]
    fn step(&mut self);
}

impl<R: UpdateRule> Step for Optimizer<R> {
    fn step(&mut self) {
        Self::step(self);
    }
}
