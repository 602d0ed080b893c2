use tch::{Kind, Tensor};

use super::frame::{float_kind, white};
use super::{Frame, to_dtype};
use crate::Result;

/// Stretches each channel of each image from black to white; torchvision's `autocontrast`.
///
/// # Errors
///
/// When the images have neither one nor three channels.
pub fn autocontrast(images: &Tensor) -> Result<Tensor> {
    Frame::coloured("autocontrast", images)?;
    if images.numel() == 0 {
        return Ok(images.shallow_clone());
    }
    let white = white(images);
    let floats = images.to_kind(float_kind(images));
    let least = floats.amin([-2, -1], true);
    let most = floats.amax([-2, -1], true);
    // A channel of one value stays as it is.
    let flat = most.eq_tensor(&least);
    let scale = ((most - &least) * (1.0 / white)).masked_fill(&flat, 1.0);
    let least = least.masked_fill(&flat, 0.0);
    Ok(((floats - least) / scale).clamp(0.0, white).to_kind(images.kind()))
}

/// Makes each channel of each image use all values about equally often; torchvision's `equalize`.
///
/// # Errors
///
/// When `images` are not `[N, C, H, W]`.
pub fn equalize(images: &Tensor) -> Result<Tensor> {
    let frame = Frame::of("equalize", images)?;
    if images.numel() == 0 {
        return Ok(images.shallow_clone());
    }
    let bytes = to_dtype(images, Kind::Uint8, true)?;
    let flat = bytes.to_kind(Kind::Int64).flatten(2, -1);
    let options = (Kind::Int64, images.device());
    let histogram = Tensor::zeros([frame.count, frame.channels, 256], options).scatter_add(
        -1,
        &flat,
        &Tensor::ones_like(&flat),
    );
    let below = histogram.cumsum(-1, None);
    // The first place of the full sum is the largest value that occurs.
    let brightest = below.argmax(-1, true);
    let others = -histogram.gather(-1, &brightest, false) + frame.height * frame.width;
    let step = others.divide_scalar_mode(255, "floor");
    let half = step.divide_scalar_mode(2, "floor");
    let table =
        (below.narrow(-1, 0, 255) + half).divide_tensor_mode(&step.clamp_min(1), "floor").clamp(0, 255);
    let first = Tensor::zeros([frame.count, frame.channels, 1], options);
    let equal = Tensor::cat(&[first, table], -1).gather(-1, &flat, false).to_kind(Kind::Uint8);
    let output = equal.view_as(&bytes).where_self(&step.ne(0).unsqueeze(-1), &bytes);
    to_dtype(&output, images.kind(), true)
}
