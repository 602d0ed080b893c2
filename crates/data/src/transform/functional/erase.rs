use tch::{Kind, Tensor};

use super::{Frame, Region};
use crate::Result;

/// Writes `values` over a rectangle of each image; torchvision's `erase`.
///
/// A region without rows or columns leaves its image as it is.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged; N regions; `values` broadcasts to the images.
///
/// # Errors
///
/// When `images` are not `[N, C, H, W]`.
///
/// # Panics
///
/// Unless there is a region for each image.
#[track_caller]
pub fn erase(images: &Tensor, regions: &[Region], values: &Tensor) -> Result<Tensor> {
    let frame = Frame::of("erase", images)?;
    frame.one_each("erase", regions);
    let within = |length: i64, span: fn(&Region) -> (i64, i64), shape: [i64; 4]| {
        let spans: Vec<i64> = regions
            .iter()
            .flat_map(|region| <[i64; 2]>::from((span(region).0, span(region).0 + span(region).1)))
            .collect();
        let spans = Tensor::from_slice(&spans).to_device(images.device()).view([-1, 2]);
        let places = Tensor::arange(length, (Kind::Int64, images.device()));
        let inside =
            places.ge_tensor(&spans.narrow(1, 0, 1)).logical_and(&places.lt_tensor(&spans.narrow(1, 1, 1)));
        inside.view(shape)
    };
    let rows = within(frame.height, |region| (region.top, region.height), [-1, 1, frame.height, 1]);
    let columns = within(frame.width, |region| (region.left, region.width), [-1, 1, 1, frame.width]);
    let values = values.to_kind(images.kind()).to_device(images.device());
    Ok(values.where_self(&rows.logical_and(&columns), images))
}
