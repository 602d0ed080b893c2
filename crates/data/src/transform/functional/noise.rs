use tch::{Kind, Tensor};

use super::Frame;
use super::frame::float_kind;
use crate::Result;

/// Adds `mean + sigma * noise` to images; torchvision's `gaussian_noise`, with the noise from outside.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged; `noise` as the images. `mean` and `sigma` are shares of white.
///
/// # Errors
///
/// When `images` are not `[N, C, H, W]`.
pub fn add_noise(images: &Tensor, noise: &Tensor, mean: f64, sigma: f64, clip: bool) -> Result<Tensor> {
    Frame::of("gaussian_noise", images)?;
    let noise = noise.to_kind(float_kind(images)).to_device(images.device());
    if images.kind() == Kind::Uint8 {
        // Whole steps, cut towards 0 before they are added.
        let steps: Tensor = (noise * (sigma * 255.0) + mean * 255.0).to_kind(Kind::Int16);
        let noisy = images.to_kind(Kind::Int16) + steps;
        return Ok(if clip { noisy.clamp(0, 255) } else { noisy }.to_kind(Kind::Uint8));
    }
    let noisy = images + (noise * sigma + mean);
    Ok(if clip { noisy.clamp(0.0, 1.0) } else { noisy })
}
