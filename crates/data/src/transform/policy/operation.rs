use tch::Tensor;

use crate::functional::{self, Affine};
use crate::transform::functional::white;
use crate::transform::rows;
use crate::{Fill, Interpolation, Result};

/// What a policy can do to an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub(crate) enum Operation {
    Identity,
    ShearX,
    ShearY,
    TranslateX,
    TranslateY,
    Rotate,
    Brightness,
    Color,
    Contrast,
    Sharpness,
    Posterize,
    Solarize,
    AutoContrast,
    Equalize,
    Invert,
}

/// An operation and how far it goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    pub(crate) operation: Operation,
    pub(crate) magnitude: f64,
}

impl Step {
    pub(crate) const NONE: Self = Self { operation: Operation::Identity, magnitude: 0.0 };
}

/// Does a step of its own to each image; all images with the same operation go together.
pub(crate) fn run(
    images: &Tensor,
    steps: &[Step],
    interpolation: Interpolation,
    fill: Option<&Fill>,
) -> Result<Tensor> {
    rows::grouped(
        images,
        steps,
        |step| step.operation,
        |images, &operation, steps| {
            let magnitudes: Vec<f64> = steps.iter().map(|step| step.magnitude).collect();
            let affine = |affine: fn(f64) -> Affine, center: Option<[f64; 2]>| {
                let affines: Vec<_> = magnitudes.iter().map(|&magnitude| affine(magnitude)).collect();
                functional::affine(images, &affines, interpolation, fill, center)
            };
            let corner = Some([0.0; 2]);
            let factors: Vec<f64> = magnitudes.iter().map(|magnitude| 1.0 + magnitude).collect();
            let whole = |magnitude: &f64| magnitude.trunc() as i64;
            match operation {
                Operation::Identity => Ok(images.shallow_clone()),
                Operation::ShearX => affine(
                    |slope| Affine { shear: [slope.atan().to_degrees(), 0.0], ..Affine::default() },
                    corner,
                ),
                Operation::ShearY => affine(
                    |slope| Affine { shear: [0.0, slope.atan().to_degrees()], ..Affine::default() },
                    corner,
                ),
                Operation::TranslateX => {
                    affine(|pixels| Affine { translate: [pixels.trunc(), 0.0], ..Affine::default() }, None)
                }
                Operation::TranslateY => {
                    affine(|pixels| Affine { translate: [0.0, pixels.trunc()], ..Affine::default() }, None)
                }
                Operation::Rotate => {
                    functional::rotate(images, &magnitudes, interpolation, false, None, fill)
                }
                Operation::Brightness => functional::adjust_brightness(images, &factors),
                Operation::Color => functional::adjust_saturation(images, &factors),
                Operation::Contrast => functional::adjust_contrast(images, &factors),
                Operation::Sharpness => functional::adjust_sharpness(images, &factors),
                Operation::Posterize => {
                    functional::posterize(images, &magnitudes.iter().map(whole).collect::<Vec<_>>())
                }
                Operation::Solarize => {
                    let white = white(images);
                    let thresholds: Vec<f64> = magnitudes.iter().map(|share| white * share).collect();
                    functional::solarize(images, &thresholds)
                }
                Operation::AutoContrast => functional::autocontrast(images),
                Operation::Equalize => functional::equalize(images),
                Operation::Invert => functional::invert(images),
            }
        },
    )
}
