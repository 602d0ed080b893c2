use tch::{Kind, Tensor};

use super::{Frame, Region};
use crate::{ImageSize, Interpolation, Result};

/// Scales each image to `size`; torchvision's `resize`.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, C, size.height, size.width]`.
///
/// # Errors
///
/// When `images` are not `[N, C, H, W]` or the size is not positive.
pub fn resize(
    images: &Tensor,
    size: ImageSize,
    interpolation: Interpolation,
    antialias: bool,
) -> Result<Tensor> {
    let frame = Frame::of("resize", images)?;
    size.check("size")?;
    let to = [size.height, size.width];
    if to == [frame.height, frame.width] || images.numel() == 0 {
        return Ok(images.shallow_clone());
    }
    // libtorch scales bytes on the CPU alone, and only these ways.
    let smooth = matches!(interpolation, Interpolation::Bilinear | Interpolation::Bicubic);
    let cast = images.kind() == Kind::Uint8 && smooth && images.device() != tch::Device::Cpu;
    let images = if cast { images.to_kind(Kind::Float) } else { images.shallow_clone() };
    let scaled = match (interpolation, antialias) {
        (Interpolation::Nearest, _) => images.upsample_nearest2d(to, None, None),
        (Interpolation::NearestExact, _) => images.internal_upsample_nearest_exact2d(to, None, None),
        (Interpolation::Bilinear, true) => images.internal_upsample_bilinear2d_aa(to, false, None, None),
        (Interpolation::Bilinear, false) => images.upsample_bilinear2d(to, false, None, None),
        (Interpolation::Bicubic, true) => images.internal_upsample_bicubic2d_aa(to, false, None, None),
        (Interpolation::Bicubic, false) => images.upsample_bicubic2d(to, false, None, None),
    };
    Ok(if cast { scaled.clamp(0.0, 255.0).round().to_kind(Kind::Uint8) } else { scaled })
}

/// Cuts a region out of each image and scales it to `size`; torchvision's `resized_crop`.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, C, size.height, size.width]`; N regions.
///
/// # Errors
///
/// As [`resize`].
///
/// # Panics
///
/// Unless there is a region for each image, within it.
#[track_caller]
pub fn resized_crop(
    images: &Tensor,
    regions: &[Region],
    size: ImageSize,
    interpolation: Interpolation,
    antialias: bool,
) -> Result<Tensor> {
    let frame = Frame::of("resized_crop", images)?;
    frame.one_each("resized_crop", regions);
    let scaled = |(number, region): (usize, &Region)| {
        let image = images.narrow(0, number as i64, 1);
        let cut = image.narrow(2, region.top, region.height).narrow(3, region.left, region.width);
        resize(&cut.contiguous(), size, interpolation, antialias)
    };
    // libtorch scales by one factor for all images of a call, so each is a call of its own.
    let scaled: Vec<_> = regions.iter().enumerate().map(scaled).collect::<Result<_>>()?;
    Ok(if scaled.is_empty() { images.shallow_clone() } else { Tensor::cat(&scaled, 0) })
}
