use tch::Tensor;

use super::affine::homogeneous;
use super::frame::float_kind;
use super::{Frame, grid};
use crate::{Error, Fill, Interpolation, Result};

/// The eight numbers a to h of the map `(x, y)` to `((ax + by + c) / (gx + hy + 1), (dx + ey + f) / (gx + hy + 1))`
/// that leads from `end` points back to `start` points; torchvision's `_get_perspective_coeffs`.
///
/// The points are the corners: top left, top right, bottom right, bottom left.
///
/// # Errors
///
/// When there is no such map or more than one, as where three of the `end` points lie on a line.
pub fn perspective_coefficients(start: [[f64; 2]; 4], end: [[f64; 2]; 4]) -> Result<[f64; 8]> {
    let mut rows = [[0.0; 9]; 8];
    for (corner, ([x, y], [u, v])) in end.into_iter().zip(start).enumerate() {
        rows[2 * corner] = [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, u];
        rows[2 * corner + 1] = [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, v];
    }
    // Rounding leaves about 1e-16 of the numbers in a row, which are products of two coordinates.
    let size = start.iter().chain(&end).flatten().fold(1.0_f64, |size, value| size.max(value.abs()));
    let negligible = 1e-12 * size * size;
    // Elimination with the largest pivot; the last column is the right-hand side.
    for column in 0..8 {
        let largest = (column..8).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()));
        rows.swap(column, largest.unwrap_or(column));
        let pivot = rows[column];
        if pivot[column].abs() <= negligible {
            let expected = "four points of which no three lie on a line";
            return Err(Error::option("end", expected, format!("{end:?}")));
        }
        for (number, row) in rows.iter_mut().enumerate() {
            let factor = row[column] / pivot[column];
            if number != column {
                row.iter_mut().zip(pivot).for_each(|(value, pivot)| *value -= factor * pivot);
            }
        }
    }
    Ok(std::array::from_fn(|row| f64::from((rows[row][8] / rows[row][row]) as f32)))
}

/// Shows each image in a perspective of its own; torchvision's `perspective`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged; N times the coefficients that [`perspective_coefficients`] gives.
///
/// # Errors
///
/// When the interpolation is neither nearest nor bilinear, or `fill` does not fit to the channels.
///
/// # Panics
///
/// Unless there are coefficients for each image.
#[track_caller]
pub fn perspective(
    images: &Tensor,
    coefficients: &[[f64; 8]],
    interpolation: Interpolation,
    fill: Option<&Fill>,
) -> Result<Tensor> {
    let frame = Frame::of("perspective", images)?;
    frame.one_each("perspective", coefficients);
    let options = (float_kind(images), images.device());
    let on_device = |values: &[f64]| Tensor::from_slice(values).to_kind(options.0).to_device(options.1);
    let above: Vec<f64> = coefficients.iter().flat_map(|row| row[..6].to_vec()).collect();
    let below: Vec<f64> = coefficients.iter().flat_map(|&[.., g, h]| [g, h, 1.0, g, h, 1.0]).collect();
    let matrices = |values: &[f64]| on_device(values).view([-1, 2, 3]).transpose(1, 2);
    let half = on_device(&[frame.width as f64 * 0.5, frame.height as f64 * 0.5]);
    let middles = |length: i64| Tensor::linspace(0.5, length as f64 - 0.5, length, options);
    let places =
        homogeneous(&middles(frame.width), &middles(frame.height)).expand([frame.count, -1, -1], false);
    let grid = places.bmm(&(matrices(&above) / half)) / places.bmm(&matrices(&below)) - 1.0;
    let grid = grid.view([-1, frame.height, frame.width, 2]);
    grid::sample("perspective", images, &grid, interpolation, fill)
}
