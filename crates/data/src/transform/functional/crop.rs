use tch::Tensor;

use super::{Frame, horizontal_flip, pad, vertical_flip};
use crate::{Error, Fill, ImageSize, Padding, PaddingMode, Result};

/// A rectangle of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region {
    /// The first row.
    pub top: i64,
    /// The first column.
    pub left: i64,
    /// The number of rows.
    pub height: i64,
    /// The number of columns.
    pub width: i64,
}

/// Cuts a window of one size out of each image, at a place `[top, left]` of its own; torchvision's `crop`.
///
/// What lies outside the image is 0.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, C, size.height, size.width]`; N places.
///
/// # Errors
///
/// When `images` are not `[N, C, H, W]` or the size is not positive.
///
/// # Panics
///
/// Unless there is a place for each image.
#[track_caller]
pub fn crop(images: &Tensor, places: &[[i64; 2]], size: ImageSize) -> Result<Tensor> {
    let frame = Frame::of("crop", images)?;
    frame.one_each("crop", places);
    size.check("size")?;
    let side = |axis: usize, length: i64, window: i64| {
        let first = places.iter().map(|place| place[axis]).min().unwrap_or(0);
        let last = places.iter().map(|place| place[axis]).max().unwrap_or(0);
        ((-first).max(0), (last + window - length).max(0))
    };
    let (top, bottom) = side(0, frame.height, size.height);
    let (left, right) = side(1, frame.width, size.width);
    let around = Padding { left, top, right, bottom };
    let images = pad(images, around, &Fill::default(), PaddingMode::Constant)?;
    if places.windows(2).all(|pair| pair[0] == pair[1]) {
        let [first_row, first_column] = places.first().copied().unwrap_or([-top, -left]);
        return Ok(images.narrow(2, first_row + top, size.height).narrow(3, first_column + left, size.width));
    }
    // A view of every window there is, of which one index takes the windows wanted.
    let windows = images.unfold(2, size.height, 1).unfold(3, size.width, 1);
    let index = |values: Vec<i64>| Some(Tensor::from_slice(&values).to_device(images.device()));
    Ok(windows.index(&[
        index((0..frame.count).collect()),
        None,
        index(places.iter().map(|place| place[0] + top).collect()),
        index(places.iter().map(|place| place[1] + left).collect()),
    ]))
}

/// Cuts the middle out of each image, with zeros around those that are smaller; torchvision's `center_crop`.
///
/// # Errors
///
/// When `images` are not `[N, C, H, W]` or the size is not positive.
pub fn center_crop(images: &Tensor, size: ImageSize) -> Result<Tensor> {
    let frame = Frame::of("center_crop", images)?;
    size.check("size")?;
    // Half to even, as Python rounds.
    let first = |length: i64, window: i64| {
        if window > length {
            -((window - length) / 2)
        } else {
            ((length - window) as f64 / 2.0).round_ties_even() as i64
        }
    };
    let place = [first(frame.height, size.height), first(frame.width, size.width)];
    crop(images, &vec![place; frame.count as usize], size)
}

/// The four corners and the middle of each image; torchvision's `five_crop`.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, 5, C, size.height, size.width]`: top left, top right, bottom left, bottom right,
/// middle.
///
/// # Errors
///
/// When the size is not positive, or larger than the images.
pub fn five_crop(images: &Tensor, size: ImageSize) -> Result<Tensor> {
    let frame = Frame::of("five_crop", images)?;
    size.check("size")?;
    let (down, right) = (frame.height - size.height, frame.width - size.width);
    if down < 0 || right < 0 {
        let expected = format!("at most the images' {} by {}", frame.height, frame.width);
        return Err(Error::option("size", expected, size));
    }
    let mut crops = Vec::with_capacity(5);
    for place in [[0, 0], [0, right], [down, 0], [down, right]] {
        crops.push(crop(images, &vec![place; frame.count as usize], size)?);
    }
    crops.push(center_crop(images, size)?);
    Ok(Tensor::stack(&crops, 1))
}

/// [`five_crop`] of each image and of its mirror image; torchvision's `ten_crop`.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, 10, C, size.height, size.width]`.
///
/// # Errors
///
/// As [`five_crop`].
pub fn ten_crop(images: &Tensor, size: ImageSize, upside_down: bool) -> Result<Tensor> {
    let mirrored = if upside_down { vertical_flip(images)? } else { horizontal_flip(images)? };
    Ok(Tensor::cat(&[five_crop(images, size)?, five_crop(&mirrored, size)?], 1))
}
