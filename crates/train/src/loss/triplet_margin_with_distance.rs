use std::fmt;

use selvedge_nn::functional;
use tch::Tensor;

use super::Reduction;
use crate::TrainError;
use crate::domain::Domain;

/// [`TripletMarginLoss`](super::TripletMarginLoss) with a distance of your own:
/// `max(0, margin + d(anchor, positive) - d(anchor, negative))`. PyTorch's `TripletMarginWithDistanceLoss`.
///
/// Shapes and panics are those of [`functional::triplet_margin_with_distance_loss`]. No configuration file has
/// it, since it holds a closure.
///
/// ```
/// use selvedge_train::loss::TripletMarginWithDistanceLoss;
/// use tch::Tensor;
///
/// let loss = TripletMarginWithDistanceLoss {
///     distance: Box::new(|a, b| (a - b).abs()),
///     ..TripletMarginWithDistanceLoss::default()
/// };
/// let point = |at: f64| Tensor::from_slice(&[at]);
/// let loss = loss.forward(&point(0.0), &point(1.0), &point(1.5));
/// assert_eq!(loss.double_value(&[]), 0.5);
/// ```
pub struct TripletMarginWithDistanceLoss {
    /// The distances of two tensors; by default `‖a - b + 1e-6‖₂` over the last dimension, PyTorch's
    /// `pairwise_distance`.
    pub distance: Distance,
    /// By how much the like should be closer, positive; 1 by default.
    pub margin: f64,
    /// Whether to take the distance from positive to negative where it is the smaller one; false by default.
    pub swap: bool,
    /// `Mean` by default.
    pub reduction: Reduction,
}

/// The distances of two tensors of the same size.
pub type Distance = Box<dyn Fn(&Tensor, &Tensor) -> Tensor + Send + Sync>;

impl Default for TripletMarginWithDistanceLoss {
    fn default() -> Self {
        let distance = |a: &Tensor, b: &Tensor| Tensor::pairwise_distance(a, b, 2.0, 1e-6, false);
        Self { distance: Box::new(distance), margin: 1.0, swap: false, reduction: Reduction::Mean }
    }
}

impl TripletMarginWithDistanceLoss {
    /// The loss, with one value unless the reduction is [`Reduction::None`].
    ///
    /// # Panics
    ///
    /// As [`functional::triplet_margin_with_distance_loss`].
    #[track_caller]
    pub fn forward(&self, anchor: &Tensor, positive: &Tensor, negative: &Tensor) -> Tensor {
        functional::triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            &self.distance,
            self.margin,
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
        Domain("TripletMarginWithDistanceLoss").positive("margin", self.margin)
    }
}

impl fmt::Debug for TripletMarginWithDistanceLoss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TripletMarginWithDistanceLoss")
            .field("margin", &self.margin)
            .field("swap", &self.swap)
            .field("reduction", &self.reduction)
            .finish_non_exhaustive()
    }
}
