use tch::Tensor;

use super::{Reduction, check};

/// Loss of an anchor that is not closer to its like than to its unlike by a margin:
/// `max(0, margin + d(anchor, positive) - d(anchor, negative))`, with `d(a, b) = ‖a - b + eps‖ₚ`. PyTorch's
/// `triplet_margin_loss`.
///
/// `swap` takes the distance from positive to negative where that is the smaller one, as in "Learning shallow
/// convolutional feature descriptors with triplet losses", Balntas et al. 2016.
///
/// # Shapes
///
/// All three of the same size, `[D]` or `[N, ..., D]`.
///
/// # Panics
///
/// When the sizes differ, which PyTorch broadcasts, or when `margin` is not positive.
///
/// ```
/// use selvedge_nn::functional::{Reduction, triplet_margin_loss};
/// use tch::Tensor;
///
/// let point = |at: f64| Tensor::from_slice(&[at]);
/// let (anchor, positive, negative) = (point(0.0), point(1.0), point(1.5));
/// let loss =
///     triplet_margin_loss(&anchor, &positive, &negative, 1.0, 2.0, 0.0, false, Reduction::Mean);
/// assert_eq!(loss.double_value(&[]), 0.5);
/// ```
#[track_caller]
#[expect(clippy::too_many_arguments, reason = "they are PyTorch's")]
pub fn triplet_margin_loss(
    anchor: &Tensor,
    positive: &Tensor,
    negative: &Tensor,
    margin: f64,
    p: f64,
    eps: f64,
    swap: bool,
    reduction: Reduction,
) -> Tensor {
    const LOSS: &str = "triplet_margin_loss";
    check_triplet(LOSS, anchor, positive, negative, margin);
    let loss =
        Tensor::f_triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, reduction.into());
    check::computed(LOSS, loss)
}

/// [`triplet_margin_loss`] with a distance of your own. PyTorch's `triplet_margin_with_distance_loss`.
///
/// # Shapes
///
/// All three of the same size; `distance` maps two of them to distances, usually `[N]`.
///
/// # Panics
///
/// When the sizes differ, or when `margin` is not positive.
///
/// ```
/// use selvedge_nn::functional::{Reduction, triplet_margin_with_distance_loss};
/// use tch::Tensor;
///
/// let point = |at: f64| Tensor::from_slice(&[at]);
/// let (anchor, positive, negative) = (point(0.0), point(1.0), point(1.5));
/// let distance = |a: &Tensor, b: &Tensor| (a - b).abs();
/// let loss = triplet_margin_with_distance_loss(
///     &anchor, &positive, &negative, distance, 1.0, false, Reduction::Mean,
/// );
/// assert_eq!(loss.double_value(&[]), 0.5);
/// ```
#[track_caller]
pub fn triplet_margin_with_distance_loss(
    anchor: &Tensor,
    positive: &Tensor,
    negative: &Tensor,
    distance: impl Fn(&Tensor, &Tensor) -> Tensor,
    margin: f64,
    swap: bool,
    reduction: Reduction,
) -> Tensor {
    check_triplet("triplet_margin_with_distance_loss", anchor, positive, negative, margin);
    let to_negative = distance(anchor, negative);
    let to_negative = if swap { to_negative.minimum(&distance(positive, negative)) } else { to_negative };
    reduction.apply(&(distance(anchor, positive) - to_negative + margin).clamp_min(0.0))
}

#[track_caller]
fn check_triplet(loss: &str, anchor: &Tensor, positive: &Tensor, negative: &Tensor, margin: f64) {
    assert!(margin > 0.0, "{loss}: expected a positive margin, found {margin}");
    check::same_size(loss, ("anchor", anchor), ("positive", positive));
    check::same_size(loss, ("anchor", anchor), ("negative", negative));
}
