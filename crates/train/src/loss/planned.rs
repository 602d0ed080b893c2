//! Losses in a [`CompiledStep`](crate::CompiledStep): the value and the gradient as kernels that write into tensors
//! laid out once.

mod cross_entropy;
mod mse;
mod nll;

use std::fmt::Debug;

use tch::{Device, Kind, Tensor};

pub(super) use cross_entropy::CrossEntropyStage;
pub(super) use mse::MseStage;
pub(super) use nll::NllStage;

/// A loss with its options, as a [`CompiledStep`](crate::CompiledStep) keeps it.
pub trait LossStage: Debug + Send {
    /// Lays out its tensors for outputs and targets like these.
    ///
    /// # Errors
    ///
    /// With the reason why it can not be planned for them.
    fn place(&self, output: &Tensor, target: &Tensor) -> Result<Box<dyn LossWork>, String>;
}

/// A [`LossStage`] with its tensors. It is used without gradients being recorded.
pub trait LossWork: Send {
    /// Computes the loss.
    ///
    /// # Panics
    ///
    /// When a value of the target is none that the loss takes.
    fn forward(&mut self, output: &Tensor, target: &Tensor);

    /// The loss of the last forward, one value.
    fn value(&self) -> &Tensor;

    /// Computes the gradient of the output of the last forward.
    fn backward(&mut self, output: &Tensor, target: &Tensor);

    /// That gradient, which others may write over.
    fn gradient(&self) -> &Tensor;
}

/// A class for each row of the output, or the reason why it is no such target.
fn class_indices(output: &Tensor, target: &Tensor) -> Result<(), String> {
    let (size, found) = (output.size(), target.size());
    if size.len() != 2 || found != size[..1] || target.kind() != Kind::Int64 {
        return Err(format!(
            "expected an output of shape [batch, classes] and a target of shape [batch] and kind Int64, found {size:?}, \
             {found:?} and {:?}",
            target.kind()
        ));
    }
    same_device(output, target.device())
}

fn same_device(output: &Tensor, device: Device) -> Result<(), String> {
    if output.device() == device {
        Ok(())
    } else {
        Err(format!("the output is on {:?}, the target on {device:?}", output.device()))
    }
}

/// One value of the kind of the output.
fn scalar(output: &Tensor, value: f64) -> Tensor {
    Tensor::full([0_i64; 0], value, (output.kind(), output.device()))
}
