use tch::Tensor;

use crate::{UpsampleMode, UpsampleTo, misuse};

/// Resamples the trailing dimensions of `input`. PyTorch: `torch.nn.functional.interpolate`.
///
/// A scale gives the output `⌊length · scale⌋`. With `recompute_scale_factor`, the positions are computed from the
/// two lengths, as they are for a given size, and not from the scale.
///
/// # Shapes
///
/// `[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`; [`UpsampleMode`] says which a mode takes.
///
/// # Panics
///
/// When `input` has a number of dimensions that the mode does not take, there is not one size or scale for each of
/// the trailing dimensions, or one of the lengths of the output would not be positive.
///
/// ```
/// use selvedge_nn::{UpsampleMode, UpsampleTo, functional};
/// use tch::Tensor;
///
/// let row = Tensor::from_slice(&[1.0, 2.0]).reshape([1, 1, 2]);
/// let output = functional::interpolate(&row, &UpsampleTo::Scale(2.0), UpsampleMode::Nearest, false);
/// assert_eq!(output.flatten(0, -1), Tensor::from_slice(&[1.0, 1.0, 2.0, 2.0]));
/// ```
#[track_caller]
pub fn interpolate(
    input: &Tensor,
    to: &UpsampleTo,
    mode: UpsampleMode,
    recompute_scale_factor: bool,
) -> Tensor {
    let shape = input.size();
    assert!(
        mode.dims().contains(&shape.len()),
        "interpolate in mode {mode}: expected an input of {} dimensions, found shape {shape:?}",
        mode.dims().iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    );
    let (sizes, mut scales) = to.resolve(&shape[2..]);
    if recompute_scale_factor {
        scales.fill(None);
    }
    let output = match (mode, sizes.len()) {
        (UpsampleMode::Nearest, 1) => input.f_upsample_nearest1d(&sizes, scales[0]),
        (UpsampleMode::Nearest, 2) => input.f_upsample_nearest2d(&sizes, scales[0], scales[1]),
        (UpsampleMode::Nearest, _) => input.f_upsample_nearest3d(&sizes, scales[0], scales[1], scales[2]),
        (UpsampleMode::Linear { align_corners }, _) => {
            input.f_upsample_linear1d(&sizes, align_corners, scales[0])
        }
        (UpsampleMode::Bilinear { align_corners }, _) => {
            input.f_upsample_bilinear2d(&sizes, align_corners, scales[0], scales[1])
        }
        (UpsampleMode::Bicubic { align_corners }, _) => {
            input.f_upsample_bicubic2d(&sizes, align_corners, scales[0], scales[1])
        }
        (UpsampleMode::Trilinear { align_corners }, _) => {
            input.f_upsample_trilinear3d(&sizes, align_corners, scales[0], scales[1], scales[2])
        }
    };
    misuse::torch(&format!("interpolate to {sizes:?} in mode {mode}"), input, output)
}
