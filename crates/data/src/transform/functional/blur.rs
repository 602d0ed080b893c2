use tch::{Kind, Tensor};

use super::Frame;
use super::frame::float_kind;
use crate::{Error, ImageSize, Result};

/// Blurs each image with a Gaussian of its own; torchvision's `gaussian_blur`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged; N pairs of standard deviations in pixels, along x and y. The edges are
/// reflected.
///
/// # Errors
///
/// When the kernel has an even side or does not fit into the image twice over, or a deviation is not positive.
///
/// # Panics
///
/// Unless there is a pair for each image.
#[track_caller]
pub fn gaussian_blur(images: &Tensor, kernel_size: ImageSize, sigmas: &[[f64; 2]]) -> Result<Tensor> {
    let frame = Frame::of("gaussian_blur", images)?;
    frame.one_each("gaussian_blur", sigmas);
    let ImageSize { height, width } = kernel_size;
    if height <= 0 || width <= 0 || height % 2 == 0 || width % 2 == 0 {
        return Err(Error::option("kernel_size", "odd and positive numbers", kernel_size));
    }
    if let Some(sigma) = sigmas.as_flattened().iter().find(|&&sigma| sigma.is_nan() || sigma <= 0.0) {
        return Err(Error::option("sigma", "positive numbers", sigma));
    }
    if height / 2 >= frame.height || width / 2 >= frame.width {
        let expected = format!("less than twice the images' {} by {}", frame.height, frame.width);
        return Err(Error::option("kernel_size", expected, kernel_size));
    }
    if images.numel() == 0 {
        return Ok(images.shallow_clone());
    }
    let floats = images.to_kind(float_kind(images));
    let along = |length: i64, axis: usize| {
        let sigmas: Vec<f64> = sigmas.iter().map(|pair| pair[axis]).collect();
        let options = (floats.kind(), floats.device());
        let end = (length - 1) as f64 / (2.0 * 2.0_f64.sqrt());
        let places = Tensor::linspace(-end, end, length, options);
        let sigmas = Tensor::from_slice(&sigmas).to_kind(options.0).to_device(options.1).view([-1, 1]);
        (places / sigmas).square().neg().softmax(-1, None)
    };
    let kernels = along(height, 1).unsqueeze(-1) * along(width, 0).unsqueeze(1);
    // Each channel of each image is a group of one convolution, with the kernel of its image.
    let planes = frame.count * frame.channels;
    let kernels =
        kernels.unsqueeze(1).expand([-1, frame.channels, -1, -1], false).reshape([planes, 1, height, width]);
    let around = [width / 2, width / 2, height / 2, height / 2];
    let padded = floats.reflection_pad2d(around);
    let size = padded.size();
    let blurred = padded
        .view([1, planes, size[2], size[3]])
        .conv2d::<Tensor>(&kernels, None, [1, 1], [0, 0], [1, 1], planes)
        .view_as(images);
    Ok(if images.kind() == Kind::Uint8 { blurred.round().to_kind(Kind::Uint8) } else { blurred })
}
