//! The image operations themselves, torchvision's `transforms.v2.functional`.
//!
//! Each takes a batch `[N, C, H, W]` of bytes or floats on any device. Where torchvision takes one number for
//! all images, such as an angle or a factor, these take one for each image, so that a batch of images that
//! were drawn differently is still one operation. The transforms draw the numbers and call these.

mod adjust;
mod affine;
mod blur;
mod channels;
mod crop;
mod dtype;
mod elastic;
mod erase;
mod flip;
mod frame;
mod grayscale;
mod grid;
mod histogram;
mod hue;
mod mix;
mod noise;
mod pad;
mod perspective;
mod resize;
mod rotate;
mod sharpness;
mod tone;

pub use adjust::{adjust_brightness, adjust_contrast, adjust_saturation};
pub use affine::{Affine, affine};
pub use blur::gaussian_blur;
pub use channels::permute_channels;
pub use crop::{Region, center_crop, crop, five_crop, ten_crop};
pub use dtype::to_dtype;
pub use elastic::elastic;
pub use erase::erase;
pub use flip::{horizontal_flip, vertical_flip};
pub(crate) use frame::{Frame, float_kind, per_image, white};
pub use grayscale::rgb_to_grayscale;
pub use histogram::{autocontrast, equalize};
pub use hue::adjust_hue;
pub use mix::{cut_mix, mix_labels, mix_up};
pub use noise::add_noise;
pub use pad::pad;
pub use perspective::{perspective, perspective_coefficients};
pub use resize::{resize, resized_crop};
pub use rotate::rotate;
pub use sharpness::adjust_sharpness;
pub use tone::{invert, posterize, solarize};
