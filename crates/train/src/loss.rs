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

mod bce;
mod bce_with_logits;
mod cosine_embedding;
mod cross_entropy;
mod ctc;
mod gaussian_nll;
mod hinge_embedding;
mod huber;
mod kl_div;
mod l1;
mod margin_ranking;
mod mse;
mod multi_label_margin;
mod multi_label_soft_margin;
mod multi_margin;
mod nll;
mod planned;
mod poisson_nll;
mod smooth_l1;
mod soft_margin;
mod triplet_margin;
mod triplet_margin_with_distance;
mod weights;

use selvedge_nn::plan::Refusal;
use tch::Tensor;

pub use bce::BceLoss;
pub use bce_with_logits::BceWithLogitsLoss;
pub use cosine_embedding::CosineEmbeddingLoss;
pub use cross_entropy::CrossEntropyLoss;
pub use ctc::CtcLoss;
pub use gaussian_nll::GaussianNllLoss;
pub use hinge_embedding::HingeEmbeddingLoss;
pub use huber::HuberLoss;
pub use kl_div::KlDivLoss;
pub use l1::L1Loss;
pub use margin_ranking::MarginRankingLoss;
pub use mse::MseLoss;
pub use multi_label_margin::MultiLabelMarginLoss;
pub use multi_label_soft_margin::MultiLabelSoftMarginLoss;
pub use multi_margin::MultiMarginLoss;
pub use nll::NllLoss;
pub use planned::{LossStage, LossWork};
pub use poisson_nll::PoissonNllLoss;
pub use selvedge_nn::functional::{KlDivReduction, Reduction};
pub use smooth_l1::SmoothL1Loss;
pub use soft_margin::SoftMarginLoss;
pub use triplet_margin::TripletMarginLoss;
pub use triplet_margin_with_distance::{Distance, TripletMarginWithDistanceLoss};

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

    /// The loss for a [`CompiledStep`](crate::CompiledStep).
    ///
    /// # Errors
    ///
    /// When it has no planned form, as by default.
    fn plan(&self) -> Result<Box<dyn LossStage>, Refusal> {
        Err(Refusal::new("the loss", "it has no planned form"))
    }
}

impl<F: Fn(&Tensor, &Tensor) -> Tensor> Loss for F {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        self(input, target)
    }
}
