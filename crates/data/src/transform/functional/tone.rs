use tch::{Kind, Tensor};

use super::Frame;
use super::frame::{per_image, white};
use crate::{Error, Result};

/// White less each value; torchvision's `invert`.
///
/// # Errors
///
/// When `images` are not `[N, C, H, W]`.
pub fn invert(images: &Tensor) -> Result<Tensor> {
    Frame::of("invert", images)?;
    Ok(if images.kind() == Kind::Uint8 { images.bitwise_not() } else { 1.0 - images })
}

/// Keeps the first bits of each value, a number of them for each image; torchvision's `posterize`.
///
/// # Errors
///
/// When `images` are not `[N, C, H, W]`, or a number is not from 0 to 8.
///
/// # Panics
///
/// Unless there is a number for each image.
#[track_caller]
pub fn posterize(images: &Tensor, bits: &[i64]) -> Result<Tensor> {
    Frame::of("posterize", images)?.one_each("posterize", bits);
    if let Some(bits) = bits.iter().find(|bits| !(0..=8).contains(*bits)) {
        return Err(Error::option("bits", "0 to 8", bits));
    }
    if images.kind() == Kind::Uint8 {
        let masks: Vec<u8> = bits.iter().map(|bits| (0xff_u16 << (8 - bits)) as u8).collect();
        let masks = Tensor::from_slice(&masks).to_device(images.device()).view([-1, 1, 1, 1]);
        return Ok(images.bitwise_and_tensor(&masks));
    }
    let levels: Vec<f64> = bits.iter().map(|bits| f64::from(1 << bits)).collect();
    let levels = per_image(&levels, images);
    let level = (images * &levels).floor().clamp_min(0.0).minimum(&(&levels - 1.0));
    Ok(level * levels.reciprocal())
}

/// Inverts the values from a threshold on, one for each image; torchvision's `solarize`.
///
/// # Errors
///
/// When `images` are not `[N, C, H, W]`, or a threshold is above white.
///
/// # Panics
///
/// Unless there is a threshold for each image.
#[track_caller]
pub fn solarize(images: &Tensor, thresholds: &[f64]) -> Result<Tensor> {
    Frame::of("solarize", images)?.one_each("solarize", thresholds);
    let white = white(images);
    if let Some(threshold) = thresholds.iter().find(|&&threshold| threshold > white) {
        return Err(Error::option("threshold", format!("at most {white}, white"), threshold));
    }
    let bright = images.ge_tensor(&per_image(thresholds, images));
    Ok(invert(images)?.where_self(&bright, images))
}
