use tch::{Kind, Tensor};

use super::frame::float_kind;
use super::{Frame, grid};
use crate::{Fill, Interpolation, Result};

/// How an image is turned, moved, scaled and sheared about its centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    /// Degrees, clockwise. Default: 0.
    pub angle: f64,
    /// Pixels to the right and down. Default: 0, 0.
    pub translate: [f64; 2],
    /// The factor of the size. Default: 1.
    pub scale: f64,
    /// Degrees along x and y. Default: 0, 0.
    pub shear: [f64; 2],
}

impl Default for Affine {
    fn default() -> Self {
        Self { angle: 0.0, translate: [0.0; 2], scale: 1.0, shear: [0.0; 2] }
    }
}

impl Affine {
    /// The matrix, row by row, that leads from a place of the output to the place of the input:
    /// C·(R·S·Shy·Shx)⁻¹·C⁻¹·T⁻¹, about the centre C.
    pub(super) fn inverse(&self, center: [f64; 2]) -> [f64; 6] {
        let turn = self.angle.to_radians();
        let [shear_x, shear_y] = self.shear.map(f64::to_radians);
        let [center_x, center_y] = center;
        let (moved_x, moved_y) = (center_x + self.translate[0], center_y + self.translate[1]);

        let a = (turn - shear_y).cos() / shear_y.cos();
        let b = -(a * shear_x.tan() + turn.sin());
        let c = (turn - shear_y).sin() / shear_y.cos();
        let d = turn.cos() - c * shear_x.tan();

        // The determinant of the turn and the shears is 1.
        let [a, b, c, d] = [d / self.scale, -b / self.scale, -c / self.scale, a / self.scale];
        [a, b, center_x - a * moved_x - b * moved_y, c, d, center_y - c * moved_x - d * moved_y]
    }
}

/// Turns, moves, scales and shears each image; torchvision's `affine`.
///
/// `center` is `[x, y]` from the upper left corner; the middle of the image where there is none.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged; N `affines`.
///
/// # Errors
///
/// When the interpolation is neither nearest nor bilinear, or `fill` does not fit to the channels.
///
/// # Panics
///
/// Unless there is an [`Affine`] for each image.
#[track_caller]
pub fn affine(
    images: &Tensor,
    affines: &[Affine],
    interpolation: Interpolation,
    fill: Option<&Fill>,
    center: Option<[f64; 2]>,
) -> Result<Tensor> {
    let frame = Frame::of("affine", images)?;
    frame.one_each("affine", affines);
    let center = from_middle(center, frame);
    let matrices: Vec<_> = affines.iter().map(|affine| affine.inverse(center)).collect();
    let grid = affine_grid(&matrices, frame, [frame.height, frame.width], images);
    grid::sample("affine", images, &grid, interpolation, fill)
}

/// A centre counted from the middle of the image in place of its corner.
pub(super) fn from_middle(center: Option<[f64; 2]>, frame: Frame) -> [f64; 2] {
    center.map_or([0.0; 2], |[x, y]| [x - frame.width as f64 * 0.5, y - frame.height as f64 * 0.5])
}

/// Where in the input each place of an output of `[height, width]` lies.
pub(super) fn affine_grid(
    matrices: &[[f64; 6]],
    frame: Frame,
    [height, width]: [i64; 2],
    images: &Tensor,
) -> Tensor {
    let options = (float_kind(images), images.device());
    let theta = Tensor::from_slice(matrices.as_flattened()).to_kind(options.0).to_device(options.1);
    let half = [frame.width as f64 * 0.5, frame.height as f64 * 0.5];
    let half = Tensor::from_slice(&half).to_kind(options.0).to_device(options.1);
    let theta = theta.view([-1, 2, 3]).transpose(1, 2) / half;
    let from_middle = |length: i64| {
        let end = (length - 1) as f64 * 0.5;
        Tensor::linspace(-end, end, length, (Kind::Float, options.1)).to_kind(options.0)
    };
    let places = homogeneous(&from_middle(width), &from_middle(height));
    let grid = places.expand([matrices.len() as i64, -1, -1], false).bmm(&theta);
    grid.view([-1, height, width, 2])
}

/// Each `(x, y, 1)`, row by row: shape `[1, H·W, 3]`.
pub(super) fn homogeneous(columns: &Tensor, rows: &Tensor) -> Tensor {
    let size = [rows.size()[0], columns.size()[0]];
    let ones = Tensor::ones(size, (rows.kind(), rows.device()));
    let places = [columns.view([1, -1]).expand(size, false), rows.view([-1, 1]).expand(size, false), ones];
    Tensor::stack(&places, -1).view([1, -1, 3])
}
