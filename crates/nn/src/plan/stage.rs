use std::fmt::Debug;

use tch::Tensor;

use super::Placement;

/// What a layer does in a [`Chain`](super::Chain): a handle to its parameters and its options, without buffers.
pub trait Stage: Debug + Send {
    /// The parameters that the stage uses. None by default.
    fn parameters(&self) -> Vec<StageParameter<'_>> {
        Vec::new()
    }

    /// Gives the stage its buffers.
    ///
    /// # Errors
    ///
    /// With the reason why it can not be planned for that input.
    fn place(&self, placement: &Placement<'_>) -> Result<Box<dyn Work>, String>;
}

/// A parameter of a [`Stage`].
#[derive(Debug)]
pub struct StageParameter<'a> {
    /// The module's own tensor.
    pub tensor: &'a Tensor,
    /// Whether its kernels are faster when it is the transposed matrix that has no gaps.
    pub transposed: bool,
}

/// A [`Stage`] with its buffers. It is used without gradients being recorded.
pub trait Work: Send {
    /// The output: before the first forward a tensor of its shape, afterwards its values.
    fn output(&self) -> &Tensor;

    /// Whether the next stage may write over the output.
    fn may_be_overwritten(&self) -> bool;

    /// Computes the output.
    fn forward(&mut self, input: &Tensor);

    /// Writes the gradients of the parameters, and that of the input where it was asked for, from the input of the
    /// last forward and the gradient of its output. It may write over the latter.
    fn backward(&mut self, input: &Tensor, gradient: &Tensor);

    /// The gradient of the input after a backward: a buffer, or `gradient` itself when it was written there.
    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor;
}
