use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Operation, Space, Step, run};
use crate::transform::functional::Frame;
use crate::transform::limits;
use crate::{Apply, Draws, Fill, Interpolation, Result};

/// The operations that RandAugment and TrivialAugment choose from.
pub(super) const OPERATIONS: [Operation; 14] = [
    Operation::Identity,
    Operation::ShearX,
    Operation::ShearY,
    Operation::TranslateX,
    Operation::TranslateY,
    Operation::Rotate,
    Operation::Brightness,
    Operation::Color,
    Operation::Contrast,
    Operation::Sharpness,
    Operation::Posterize,
    Operation::Solarize,
    Operation::AutoContrast,
    Operation::Equalize,
];

/// Does a few operations of a fixed strength to each image; torchvision's `RandAugment`, "RandAugment:
/// Practical automated data augmentation with a reduced search space" (Cubuk et al.).
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]`, unchanged; floats are from 0 to 1.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, RandAugment};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = RandAugment { magnitude: 7, ..RandAugment::default() };
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandAugment {
    /// How many operations. Default: 2.
    pub num_ops: usize,
    /// How strong they are, below `num_magnitude_bins`. Default: 9.
    pub magnitude: usize,
    /// How many strengths there are. Default: 31.
    pub num_magnitude_bins: usize,
    /// How values between pixels are found: nearest or bilinear. Default: nearest.
    pub interpolation: Interpolation,
    /// What stands where the image is gone. Default: none, which is black.
    pub fill: Option<Fill>,
}

impl Default for RandAugment {
    fn default() -> Self {
        Self {
            num_ops: 2,
            magnitude: 9,
            num_magnitude_bins: 31,
            interpolation: Interpolation::Nearest,
            fill: None,
        }
    }
}

impl Apply for RandAugment {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::coloured("RandAugment", images)?;
        let strength = (self.magnitude, self.num_magnitude_bins);
        let mut randoms: Vec<_> = draws.images().collect();
        (0..self.num_ops).try_fold(images.shallow_clone(), |images, _| {
            let mut step = |random: &mut crate::Random| {
                let operation = OPERATIONS[random.below(OPERATIONS.len())];
                Space::USUAL.step(operation, strength, frame, random)
            };
            let steps: Vec<Step> = randoms.iter_mut().map(&mut step).collect();
            run(&images, &steps, self.interpolation, self.fill.as_ref())
        })
    }

    fn validate(&self) -> Result<()> {
        limits::at_most("RandAugment.num_ops", self.num_ops, 100)?;
        limits::at_least("RandAugment.num_magnitude_bins", self.num_magnitude_bins, 2)?;
        limits::at_least("RandAugment.num_magnitude_bins", self.num_magnitude_bins, self.magnitude + 1)?;
        limits::sampled("RandAugment.interpolation", self.interpolation)
    }
}
