use tch::Tensor;

use super::Frame;
use crate::{Error, Fill, Padding, PaddingMode, Result};

/// Puts a border around each image; torchvision's `pad`.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, C, top + H + bottom, left + W + right]`.
///
/// # Errors
///
/// When a side is negative, when reflection asks for more than the image has, or when `fill` has neither one
/// value nor one for each channel.
pub fn pad(images: &Tensor, padding: Padding, fill: &Fill, mode: PaddingMode) -> Result<Tensor> {
    let frame = Frame::of("pad", images)?;
    padding.check("padding")?;
    let Padding { left, top, right, bottom } = padding;
    if padding == Padding::default() {
        return Ok(images.shallow_clone());
    }
    if mode != PaddingMode::Constant {
        let rows = places(frame.height, top, bottom, mode)?;
        let columns = places(frame.width, left, right, mode)?;
        let on_device = |places: Vec<i64>| Tensor::from_slice(&places).to_device(images.device());
        return Ok(images.index_select(2, &on_device(rows)).index_select(3, &on_device(columns)));
    }
    if let [value] = fill.values()[..] {
        return Ok(images.pad([left, right, top, bottom], "constant", value));
    }
    let size = [frame.count, frame.channels, top + frame.height + bottom, left + frame.width + right];
    let output = fill.tensor("fill", images)?.expand(size, false).contiguous();
    output.narrow(2, top, frame.height).narrow(3, left, frame.width).copy_(images);
    Ok(output)
}

/// For each place of a padded row or column, the place in the image that it shows.
fn places(length: i64, before: i64, after: i64, mode: PaddingMode) -> Result<Vec<i64>> {
    let most = match mode {
        PaddingMode::Reflect => length - 1,
        PaddingMode::Symmetric => length,
        PaddingMode::Edge | PaddingMode::Constant => i64::MAX,
    };
    if before.max(after) > most || length == 0 {
        let expected = format!("at most {most} for images of {length} pixels and the mode {mode:?}");
        return Err(Error::option("padding", expected, before.max(after)));
    }
    let place = |place: i64| match mode {
        PaddingMode::Reflect if place < 0 => -place,
        PaddingMode::Reflect if place >= length => 2 * (length - 1) - place,
        PaddingMode::Symmetric if place < 0 => -place - 1,
        PaddingMode::Symmetric if place >= length => 2 * length - 1 - place,
        _ => place.clamp(0, length - 1),
    };
    Ok((-before..length + after).map(place).collect())
}
