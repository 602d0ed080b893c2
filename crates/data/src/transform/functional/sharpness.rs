use tch::{Kind, Tensor};

use super::Frame;
use super::frame::{float_kind, fused, per_image, white};
use crate::Result;

/// Blends each image with a smoothed one; torchvision's `adjust_sharpness`.
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]`, unchanged; N factors that are not negative: 0 is smooth, 1 the image, 2 sharper. The
/// edges, and images of fewer than three rows or columns, stay as they are.
///
/// # Errors
///
/// When the images have neither one nor three channels.
///
/// # Panics
///
/// Unless there is a factor for each image.
#[track_caller]
pub fn adjust_sharpness(images: &Tensor, factors: &[f64]) -> Result<Tensor> {
    let frame = Frame::coloured("adjust_sharpness", images)?;
    frame.one_each("adjust_sharpness", factors);
    if frame.height <= 2 || frame.width <= 2 || images.numel() == 0 {
        return Ok(images.shallow_clone());
    }
    let floats = images.to_kind(float_kind(images));
    let mut kernel = [1.0 / 13.0; 9];
    kernel[4] = 5.0 / 13.0;
    let kernel = Tensor::from_slice(&kernel).to_kind(floats.kind()).to_device(floats.device());
    let kernel = kernel.view([1, 1, 3, 3]).expand([frame.channels, 1, 3, 3], false);
    let smooth = floats.conv2d::<Tensor>(&kernel, None, [1, 1], [0, 0], [1, 1], frame.channels);
    let smooth = if images.kind() == Kind::Uint8 { smooth.round() } else { smooth };
    let inner = |images: &Tensor| images.narrow(2, 1, frame.height - 2).narrow(3, 1, frame.width - 2);
    let rest: Vec<f64> = factors.iter().map(|factor| 1.0 - factor).collect();
    let sharpened = fused(&inner(&floats), &(smooth - inner(&floats)), &per_image(&rest, images));
    let output = floats.copy();
    inner(&output).copy_(&sharpened);
    Ok(output.clamp(0.0, white(images)).to_kind(images.kind()))
}
