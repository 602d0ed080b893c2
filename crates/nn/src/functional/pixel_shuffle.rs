use tch::Tensor;

use crate::misuse;

/// Makes pixels of channels: the output is larger by `upscale_factor` in height and width. PyTorch:
/// `torch.nn.functional.pixel_shuffle`.
///
/// # Shapes
///
/// From `[.., C·r², H, W]` to `[.., C, H·r, W·r]`.
///
/// # Panics
///
/// When the factor is not positive or its square does not divide the channels.
#[track_caller]
pub fn pixel_shuffle(input: &Tensor, upscale_factor: i64) -> Tensor {
    let operation = format!("pixel_shuffle by {upscale_factor}");
    misuse::torch(&operation, input, input.f_pixel_shuffle(upscale_factor))
}

/// Makes channels of pixels, the inverse of [`pixel_shuffle`]. PyTorch: `torch.nn.functional.pixel_unshuffle`.
///
/// # Shapes
///
/// From `[.., C, H·r, W·r]` to `[.., C·r², H, W]`.
///
/// # Panics
///
/// When the factor is not positive or does not divide the height and the width.
#[track_caller]
pub fn pixel_unshuffle(input: &Tensor, downscale_factor: i64) -> Tensor {
    let operation = format!("pixel_unshuffle by {downscale_factor}");
    misuse::torch(&operation, input, input.f_pixel_unshuffle(downscale_factor))
}
