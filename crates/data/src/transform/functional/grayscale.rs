use tch::Tensor;

use super::Frame;
use super::frame::{fused, unfit};
use crate::Result;

/// `0.2989 R + 0.587 G + 0.114 B`, in one channel or the same in three; torchvision's `rgb_to_grayscale`.
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]` to `[N, channels, H, W]`.
///
/// # Errors
///
/// When the images have neither one nor three channels, or three where one is asked for that has none.
pub fn rgb_to_grayscale(images: &Tensor, channels: i64) -> Result<Tensor> {
    let frame = Frame::coloured("rgb_to_grayscale", images)?;
    if channels != 1 && channels != 3 {
        return Err(unfit("rgb_to_grayscale", &format!("1 or 3 output channels, not {channels}"), images));
    }
    let grey =
        if frame.channels == 1 { images.shallow_clone() } else { luminance(images).to_kind(images.kind()) };
    Ok(if channels == 3 { grey.expand([-1, 3, -1, -1], false).contiguous() } else { grey })
}

/// The grey of colour images, in floats: shape `[N, 1, H, W]`.
pub(super) fn luminance(images: &Tensor) -> Tensor {
    let channel = |number| images.narrow(1, number, 1);
    // PyTorch's scalars are of the kind that it computes in.
    let red = channel(0) * 0.2989;
    let weight = |value: f64| Tensor::from(value).to_kind(red.kind()).to_device(red.device());
    fused(&fused(&red, &channel(1), &weight(0.587)), &channel(2), &weight(0.114))
}
