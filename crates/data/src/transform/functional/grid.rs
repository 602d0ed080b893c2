use tch::{Kind, Tensor};

use super::frame::float_kind;
use crate::{Error, Fill, Interpolation, Result};

/// A place far from the images, which are from -1 to 1, and no more than f16 can hold.
const OUTSIDE: f64 = 1e4;

/// The images seen through `grid`, which names for each place of the output the place of the input, from -1
/// to 1; torchvision's `_apply_grid_transform`.
///
/// `grid` has the shape `[N, H′, W′, 2]`. Outside the images there is `fill`, or black that the edges fade
/// into where there is none.
pub(super) fn sample(
    what: &'static str,
    images: &Tensor,
    grid: &Tensor,
    interpolation: Interpolation,
    fill: Option<&Fill>,
) -> Result<Tensor> {
    let mode = match interpolation {
        Interpolation::Bilinear => 0,
        Interpolation::Nearest => 1,
        other => return Err(Error::option(what, "the interpolation nearest or bilinear", other)),
    };
    if images.numel() == 0 {
        return Ok(images.shallow_clone());
    }
    // A place that is no number, on the horizon of a perspective or infinitely far away, is outside.
    let grid = &grid.nan_to_num(OUTSIDE, OUTSIDE, -OUTSIDE);
    let floats = images.to_kind(float_kind(images));
    let Some(fill) = fill else {
        return Ok(rounded(floats.grid_sampler(grid, mode, 0, false), images));
    };
    let size = images.size();
    let inside = Tensor::ones([size[0], 1, size[2], size[3]], (floats.kind(), floats.device()));
    let sampled = Tensor::cat(&[floats, inside], 1).grid_sampler(grid, mode, 0, false);
    let (floats, inside) = (sampled.narrow(1, 0, size[1]), sampled.narrow(1, size[1], 1));
    let fill = fill.tensor("fill", &floats)?;
    let filled = match interpolation {
        Interpolation::Nearest => floats.where_self(&inside.ge(0.5), &fill),
        _ => (floats - &fill) * inside + fill,
    };
    Ok(rounded(filled, images))
}

fn rounded(floats: Tensor, images: &Tensor) -> Tensor {
    if images.kind() == Kind::Uint8 { floats.round().to_kind(Kind::Uint8) } else { floats }
}
