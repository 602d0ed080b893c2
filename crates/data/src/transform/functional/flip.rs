use tch::Tensor;

use super::Frame;
use crate::Result;

/// Mirrors each image left to right; torchvision's `horizontal_flip`.
///
/// # Errors
///
/// When `images` are not `[N, C, H, W]`.
pub fn horizontal_flip(images: &Tensor) -> Result<Tensor> {
    Frame::of("horizontal_flip", images)?;
    Ok(images.flip([-1]))
}

/// Mirrors each image top to bottom; torchvision's `vertical_flip`.
///
/// # Errors
///
/// When `images` are not `[N, C, H, W]`.
pub fn vertical_flip(images: &Tensor) -> Result<Tensor> {
    Frame::of("vertical_flip", images)?;
    Ok(images.flip([-2]))
}
