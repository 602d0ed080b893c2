use tch::{Kind, Tensor};

use super::InitError;
use super::error::{argument, floating_point};

/// The part of the distribution that lies within the bounds, above which drawing anew what lies outside is
/// the better way.
const OFTEN_INSIDE: f64 = 0.3;

/// Draws each value from the normal distribution, cut to `[a, b]`; PyTorch's `trunc_normal_`, whose defaults are
/// mean 0, standard deviation 1, -2 and 2.
///
/// # Errors
///
/// When `mean` or `std` is not finite, `std` is not positive or `a > b`, when a bound is infinite though most of
/// the distribution lies outside, or the tensor is not of a floating-point kind.
pub fn trunc_normal_(tensor: &Tensor, mean: f64, std: f64, a: f64, b: f64) -> Result<(), InitError> {
    let function = "trunc_normal_";
    floating_point(function, tensor)?;
    argument(function, "mean", mean, "finite", mean.is_finite())?;
    argument(function, "std", std, "finite and positive", std.is_finite() && std > 0.0)?;
    argument(function, "a", a, "at most b", a <= b)?;
    let _no_grad = tch::no_grad_guard();
    if normal_cdf((b - mean) / std) - normal_cdf((a - mean) / std) > OFTEN_INSIDE {
        redraw_outside(tensor, mean, std, a, b);
    } else {
        let expected = "finite where most of the distribution lies outside";
        argument(function, "a", a, expected, a.is_finite())?;
        argument(function, "b", b, expected, b.is_finite())?;
        accept_inside(tensor, mean, std, a, b);
    }
    Ok(())
}

fn normal_cdf(value: f64) -> f64 {
    let erf = Tensor::from(value / 2f64.sqrt()).erf().double_value(&[]);
    f64::midpoint(1.0, erf)
}

/// Draws from the whole distribution until every value lies within the bounds.
fn redraw_outside(tensor: &Tensor, mean: f64, std: f64, a: f64, b: f64) {
    // A bound that the kind of the tensor can not hold would never be met.
    let rounded = |bound: f64| Tensor::from(bound).to_kind(tensor.kind()).double_value(&[]);
    let (least, most) = (rounded(a), rounded(b));
    let mut result = tensor.shallow_clone().normal_(mean, std);
    loop {
        let outside = result.lt(least).logical_or(&result.gt(most));
        if !any(&outside) {
            break;
        }
        result = result.empty_like().normal_(mean, std).where_self(&outside, &result);
    }
    tensor.shallow_clone().copy_(&result);
}

/// Draws uniformly between the bounds and accepts by the density, until every value is accepted.
fn accept_inside(tensor: &Tensor, mean: f64, std: f64, a: f64, b: f64) {
    let mode = mean.min(b).max(a);
    let log_peak = -0.5 * ((mode - mean) / std).powi(2);
    let mut result = tensor.shallow_clone();
    let mut pending: Option<Tensor> = None;
    while pending.as_ref().is_none_or(any) {
        let candidates = result.empty_like().uniform_(a, b);
        result = match &pending {
            Some(pending) => candidates.where_self(pending, &result),
            None => candidates.copy(),
        };
        let log_density = candidates
            .g_sub_scalar(mean)
            .g_div_scalar(std)
            .square()
            .g_mul_scalar(-0.5)
            .g_sub_scalar(log_peak);
        let refused = result.empty_like().uniform_(0.0, 1.0).log().gt_tensor(&log_density);
        pending = Some(match &pending {
            Some(pending) => pending.logical_and(&refused),
            None => refused,
        });
    }
    tensor.shallow_clone().copy_(&result);
}

fn any(mask: &Tensor) -> bool {
    mask.any().to_kind(Kind::Int64).int64_value(&[]) != 0
}
