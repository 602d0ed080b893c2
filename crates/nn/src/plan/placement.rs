use tch::Tensor;

use crate::Mode;

/// Where a stage stands: what it is told when it gets its buffers.
#[derive(Debug, Clone, Copy)]
pub struct Placement<'a> {
    /// A tensor of the shape, kind and device of the inputs. Its values mean nothing.
    pub input: &'a Tensor,
    /// Whether the stage may write over its input.
    pub may_overwrite: bool,
    /// With [`Mode::Eval`] there is no backward.
    pub mode: Mode,
    /// Whether the backward has to give the gradient of the input.
    pub wants_gradient: bool,
    pub(super) gradients: &'a [(Tensor, Tensor)],
}

impl Placement<'_> {
    /// Where the gradient of a parameter goes; `None` when it is not trained.
    #[must_use]
    pub fn gradient_of(&self, parameter: &Tensor) -> Option<Tensor> {
        let mut gradients = self.gradients.iter();
        let found = gradients.find(|(known, _)| selvedge_torch::is_same(known, parameter));
        found.filter(|_| self.mode.is_train()).map(|(_, gradient)| gradient.shallow_clone())
    }

    /// Refuses a parameter of another kind or on another device than the input.
    ///
    /// # Errors
    ///
    /// With both.
    pub fn expect_form_of(&self, parameter: &Tensor) -> Result<(), String> {
        let form = |tensor: &Tensor| (tensor.kind(), tensor.device());
        let (ours, found) = (form(parameter), form(self.input));
        if ours == found {
            return Ok(());
        }
        Err(format!(
            "its parameters are {:?} on {:?}, its input {:?} on {:?}",
            ours.0, ours.1, found.0, found.1
        ))
    }

    /// A buffer of the kind of the input, on its device.
    pub fn buffer(&self, size: &[i64]) -> Tensor {
        Tensor::empty(size, (self.input.kind(), self.input.device()))
    }

    /// A buffer for the gradient of the input, where that is wanted.
    #[must_use]
    pub fn input_gradient(&self) -> Option<Tensor> {
        self.wants_gradient.then(|| self.buffer(&self.input.size()))
    }
}
