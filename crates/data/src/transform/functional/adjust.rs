use tch::{Kind, Tensor};

use super::Frame;
use super::frame::{float_kind, fused, per_image, white};
use super::grayscale::luminance;
use crate::Result;

/// Multiplies each image by a factor of its own; torchvision's `adjust_brightness`.
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]`, unchanged; N factors that are not negative: 0 is black, 1 the image.
///
/// # Errors
///
/// When the images have neither one nor three channels.
///
/// # Panics
///
/// Unless there is a factor for each image.
#[track_caller]
pub fn adjust_brightness(images: &Tensor, factors: &[f64]) -> Result<Tensor> {
    Frame::coloured("adjust_brightness", images)?.one_each("adjust_brightness", factors);
    Ok((images * per_image(factors, images)).clamp(0.0, white(images)).to_kind(images.kind()))
}

/// Blends each image with the mean of its grey; torchvision's `adjust_contrast`.
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]`, unchanged; N factors that are not negative: 0 is grey, 1 the image.
///
/// # Errors
///
/// When the images have neither one nor three channels.
///
/// # Panics
///
/// Unless there is a factor for each image.
#[track_caller]
pub fn adjust_contrast(images: &Tensor, factors: &[f64]) -> Result<Tensor> {
    let frame = Frame::coloured("adjust_contrast", images)?;
    frame.one_each("adjust_contrast", factors);
    let grey = if frame.channels == 3 { grey(images) } else { images.to_kind(float_kind(images)) };
    let mean = grey.mean_dim([-3, -2, -1].as_slice(), true, None);
    Ok(blend(images, &mean, factors))
}

/// Blends each image with its grey; torchvision's `adjust_saturation`.
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]`, unchanged; N factors that are not negative: 0 is without colour, 1 the image.
///
/// # Errors
///
/// When the images have neither one nor three channels.
///
/// # Panics
///
/// Unless there is a factor for each image.
#[track_caller]
pub fn adjust_saturation(images: &Tensor, factors: &[f64]) -> Result<Tensor> {
    let frame = Frame::coloured("adjust_saturation", images)?;
    frame.one_each("adjust_saturation", factors);
    Ok(if frame.channels == 1 { images.shallow_clone() } else { blend(images, &grey(images), factors) })
}

fn grey(images: &Tensor) -> Tensor {
    let grey = luminance(images);
    if images.kind() == Kind::Uint8 { grey.floor() } else { grey }
}

/// `ratio * images + (1 - ratio) * others`.
fn blend(images: &Tensor, others: &Tensor, ratios: &[f64]) -> Tensor {
    let rest: Vec<f64> = ratios.iter().map(|ratio| 1.0 - ratio).collect();
    let scaled = images * per_image(ratios, images);
    let blended = fused(&scaled, others, &per_image(&rest, images));
    blended.clamp(0.0, white(images)).to_kind(images.kind())
}
