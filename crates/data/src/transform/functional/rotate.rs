use tch::Tensor;

use super::affine::{affine_grid, from_middle};
use super::{Affine, Frame, grid};
use crate::transform::rows;
use crate::{Error, Fill, Interpolation, Result};

/// Turns each image by an angle of its own, in degrees against the clock; torchvision's `rotate`.
///
/// Quarter turns about the middle are exact. With `expand` the output holds the whole image that was turned.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged unless `expand`; N angles.
///
/// # Errors
///
/// As [`affine`](super::affine), and when images would come out in different sizes.
///
/// # Panics
///
/// Unless there is an angle for each image.
#[track_caller]
pub fn rotate(
    images: &Tensor,
    angles: &[f64],
    interpolation: Interpolation,
    expand: bool,
    center: Option<[f64; 2]>,
    fill: Option<&Fill>,
) -> Result<Tensor> {
    let frame = Frame::of("rotate", images)?;
    frame.one_each("rotate", angles);
    let quarters = |angle: f64| {
        let angle = angle.rem_euclid(360.0);
        let fits = angle % 180.0 == 0.0 || expand || frame.height == frame.width;
        (center.is_none() && angle % 90.0 == 0.0 && fits).then_some((angle / 90.0) as i64)
    };
    rows::grouped(
        images,
        angles,
        |&angle| quarters(angle),
        |images, quarters, angles| {
            if let Some(quarters) = quarters {
                return Ok(images.rot90(*quarters, [-2, -1]));
            }
            let middle = from_middle(center, frame);
            // Unlike `affine`, which turns with the clock.
            let turned = |&angle: &f64| {
                Affine { angle: -angle.rem_euclid(360.0), ..Affine::default() }.inverse(middle)
            };
            let matrices: Vec<_> = angles.iter().map(turned).collect();
            let mut size = [frame.height, frame.width];
            if expand {
                let sizes: Vec<_> = matrices.iter().map(|matrix| expanded(*matrix, frame)).collect();
                size = sizes[0];
                if let Some(other) = sizes.iter().find(|other| **other != size) {
                    return Err(Error::Shape {
                        what: "rotate with expand: the images of a batch".to_owned(),
                        expected: format!("one size, {size:?}"),
                        found: format!("{other:?}"),
                    });
                }
            }
            let grid = affine_grid(&matrices, frame, size, images);
            grid::sample("rotate", images, &grid, interpolation, fill)
        },
    )
}

/// The rows and columns that hold a whole turned image.
fn expanded(matrix: [f64; 6], frame: Frame) -> [i64; 2] {
    let (half_width, half_height) = (0.5 * frame.width as f32, 0.5 * frame.height as f32);
    let [a, b, c, d, e, f] = matrix.map(|value| value as f32);
    let corners = [(-1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (1.0, -1.0)];
    let length = |[along, across, moved]: [f32; 3], half: f32| {
        let ends = corners.map(|(x, y)| x * half_width * along + y * half_height * across + moved + half);
        // Cut to 1e-4, so that an error of rounding does not make for another pixel.
        let cut = |value: f32| (value * 1e4).trunc() * 1e-4;
        let most = ends.into_iter().fold(f32::MIN, f32::max);
        let least = ends.into_iter().fold(f32::MAX, f32::min);
        (cut(most).ceil() - cut(least).floor()) as i64
    };
    [length([d, e, f], half_height), length([a, b, c], half_width)]
}
