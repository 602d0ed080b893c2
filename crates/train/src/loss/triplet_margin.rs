use selvedge_nn::functional;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::Reduction;
use crate::TrainError;
use crate::domain::Domain;

/// The loss of an anchor that is not closer to its like than to its unlike by a margin:
/// `max(0, margin + d(anchor, positive) - d(anchor, negative))`, with `d(a, b) = ‖a - b + eps‖ₚ`. PyTorch's
/// `TripletMarginLoss`.
///
/// Shapes and panics are those of [`functional::triplet_margin_loss`].
///
/// ```
/// use selvedge_train::loss::TripletMarginLoss;
/// use tch::Tensor;
///
/// let point = |at: f64| Tensor::from_slice(&[at]);
/// let loss = TripletMarginLoss::default().forward(&point(0.0), &point(1.0), &point(1.5));
/// assert!((loss.double_value(&[]) - 0.5).abs() < 1e-5);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TripletMarginLoss {
    /// By how much the like should be closer, positive; 1 by default.
    pub margin: f64,
    /// The norm of the distance; 2 by default.
    pub p: f64,
    /// Keeps the gradient of the norm finite, not negative; 1e-6 by default.
    pub eps: f64,
    /// Whether to take the distance from positive to negative where it is the smaller one; false by default. From
    /// "Learning shallow convolutional feature descriptors with triplet losses", Balntas et al. 2016.
    pub swap: bool,
    /// `Mean` by default.
    pub reduction: Reduction,
}

impl Default for TripletMarginLoss {
    fn default() -> Self {
        Self { margin: 1.0, p: 2.0, eps: 1e-6, swap: false, reduction: Reduction::Mean }
    }
}

impl TripletMarginLoss {
    /// The loss, with one value unless the reduction is [`Reduction::None`].
    ///
    /// # Panics
    ///
    /// As [`functional::triplet_margin_loss`].
    #[track_caller]
    pub fn forward(&self, anchor: &Tensor, positive: &Tensor, negative: &Tensor) -> Tensor {
        functional::triplet_margin_loss(
            anchor,
            positive,
            negative,
            self.margin,
            self.p,
            self.eps,
            self.swap,
            self.reduction,
        )
    }

    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> Result<(), TrainError> {
        const DOMAIN: Domain = Domain("TripletMarginLoss");
        DOMAIN.positive("margin", self.margin)?;
        DOMAIN.not_negative(&[("p", self.p), ("eps", self.eps)])
    }
}
