use tch::Tensor;

use super::frame::float_kind;
use super::{Frame, grid};
use crate::{Error, Fill, Interpolation, Result};

/// Moves each place of each image by `displacement`; torchvision's `elastic`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged; `displacement` is `[N, H, W, 2]`, to the right and down, where the whole image
/// is 2 wide and 2 high.
///
/// # Errors
///
/// When the displacement has another shape, the interpolation is neither nearest nor bilinear, or `fill` does
/// not fit to the channels.
pub fn elastic(
    images: &Tensor,
    displacement: &Tensor,
    interpolation: Interpolation,
    fill: Option<&Fill>,
) -> Result<Tensor> {
    let frame = Frame::of("elastic", images)?;
    let size = [frame.count, frame.height, frame.width, 2];
    if displacement.size() != size {
        return Err(Error::Shape {
            what: "the displacement of elastic".to_owned(),
            expected: format!("{size:?}"),
            found: format!("{:?}", displacement.size()),
        });
    }
    let options = (float_kind(images), images.device());
    let middles = |length: i64| {
        let end = (length - 1) as f64 / length as f64;
        Tensor::linspace(-end, end, length, options)
    };
    let plane = [frame.height, frame.width];
    let columns = middles(frame.width).view([1, -1]).expand(plane, false);
    let rows = middles(frame.height).view([-1, 1]).expand(plane, false);
    let grid = Tensor::stack(&[columns, rows], -1) + displacement.to_kind(options.0).to_device(options.1);
    grid::sample("elastic", images, &grid, interpolation, fill)
}
