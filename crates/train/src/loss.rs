//! The losses of PyTorch: plain structs whose fields are the options, and whose [`Default`] is PyTorch's.
//!
//! ```
//! use selvedge_train::{CrossEntropyLoss, Loss};
//! use tch::Tensor;
//!
//! let loss = CrossEntropyLoss { label_smoothing: 0.1, ..CrossEntropyLoss::default() };
//! let logits = Tensor::from_slice(&[1.0, 2.0, 3.0]).reshape([1, 3]).set_requires_grad(true);
//! loss.forward(&logits, &Tensor::from_slice(&[2_i64])).backward();
//! assert_eq!(logits.grad().size(), [1, 3]);
//! ```

mod cross_entropy;
mod domain;
mod mse;
mod nll;
mod weights;

use tch::Tensor;

pub use cross_entropy::CrossEntropyLoss;
pub use mse::MseLoss;
pub use nll::NllLoss;
pub use selvedge_nn::functional::Reduction;

use crate::TrainError;

/// A loss of an input, the network's output, and a target.
///
/// A closure of the two tensors is a loss, too.
pub trait Loss {
    /// The loss, with one value unless the reduction is [`Reduction::None`].
    ///
    /// # Panics
    ///
    /// When the sizes or kinds of the tensors are not what the loss takes; the message names the loss, what
    /// was expected and what was found.
    #[track_caller]
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor;

    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    fn validate(&self) -> Result<(), TrainError> {
        Ok(())
    }
}

impl<F: Fn(&Tensor, &Tensor) -> Tensor> Loss for F {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        self(input, target)
    }
}
