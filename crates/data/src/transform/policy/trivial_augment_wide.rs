use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::rand_augment::OPERATIONS;
use super::space::Translate;
use super::{Space, Step, run};
use crate::transform::functional::Frame;
use crate::transform::limits;
use crate::{Apply, Draws, Fill, Interpolation, Random, Result};

pub(super) const SPACE: Space =
    Space { shear: 0.99, translate: Translate::Pixels(32.0), rotate: 135.0, factor: 0.99, bits: (8.0, 6.0) };

/// Does one operation of a random strength to each image; torchvision's `TrivialAugmentWide`,
/// "TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation" (Müller and Hutter).
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]`, unchanged; floats are from 0 to 1.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, TrivialAugmentWide};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = TrivialAugmentWide::default();
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrivialAugmentWide {
    /// How many strengths there are. Default: 31.
    pub num_magnitude_bins: usize,
    /// How values between pixels are found: nearest or bilinear. Default: nearest.
    pub interpolation: Interpolation,
    /// What stands where the image is gone. Default: none, which is black.
    pub fill: Option<Fill>,
}

impl Default for TrivialAugmentWide {
    fn default() -> Self {
        Self { num_magnitude_bins: 31, interpolation: Interpolation::Nearest, fill: None }
    }
}

impl Apply for TrivialAugmentWide {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::coloured("TrivialAugmentWide", images)?;
        let step = |mut random: Random| {
            let operation = OPERATIONS[random.below(OPERATIONS.len())];
            let bin = random.below(self.num_magnitude_bins);
            SPACE.step(operation, (bin, self.num_magnitude_bins), frame, &mut random)
        };
        let steps: Vec<Step> = draws.images().map(step).collect();
        run(images, &steps, self.interpolation, self.fill.as_ref())
    }

    fn validate(&self) -> Result<()> {
        limits::at_least("TrivialAugmentWide.num_magnitude_bins", self.num_magnitude_bins, 2)?;
        limits::sampled("TrivialAugmentWide.interpolation", self.interpolation)
    }
}
