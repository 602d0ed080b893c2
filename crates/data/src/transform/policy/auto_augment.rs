use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::policies::{CIFAR10, IMAGENET, Policy, SVHN};
use super::{Space, Step, run};
use crate::transform::functional::Frame;
use crate::transform::limits;
use crate::{Apply, Draws, Fill, Interpolation, Random, Result};

/// How many strengths the policies are written in.
const BINS: usize = 10;

/// Does one pair, of 25 that were learned, to each image; torchvision's `AutoAugment`, "AutoAugment: Learning
/// Augmentation Strategies from Data" (Cubuk et al.).
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]`, unchanged; floats are from 0 to 1.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, AutoAugment};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = AutoAugment::default();
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutoAugment {
    /// What the pairs were learned on. Default: imagenet.
    pub policy: AutoAugmentPolicy,
    /// How values between pixels are found: nearest or bilinear. Default: nearest.
    pub interpolation: Interpolation,
    /// What stands where the image is gone. Default: none, which is black.
    pub fill: Option<Fill>,
}

/// What the pairs of [`AutoAugment`] were learned on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AutoAugmentPolicy {
    /// ImageNet.
    #[default]
    ImageNet,
    /// CIFAR-10.
    Cifar10,
    /// Street View House Numbers.
    Svhn,
}

impl Default for AutoAugment {
    fn default() -> Self {
        Self { policy: AutoAugmentPolicy::ImageNet, interpolation: Interpolation::Nearest, fill: None }
    }
}

impl AutoAugment {
    fn draw(&self, frame: Frame, random: &mut Random) -> [Step; 2] {
        let policy: &Policy = match self.policy {
            AutoAugmentPolicy::ImageNet => &IMAGENET,
            AutoAugmentPolicy::Cifar10 => &CIFAR10,
            AutoAugmentPolicy::Svhn => &SVHN,
        };
        policy[random.below(policy.len())].map(|(operation, p, bin)| {
            if random.chance(p) {
                Space::USUAL.step(operation, (bin, BINS), frame, random)
            } else {
                Step::NONE
            }
        })
    }
}

impl Apply for AutoAugment {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::coloured("AutoAugment", images)?;
        let pairs: Vec<_> = draws.images().map(|mut random| self.draw(frame, &mut random)).collect();
        [0, 1].into_iter().try_fold(images.shallow_clone(), |images, place| {
            let steps: Vec<Step> = pairs.iter().map(|pair| pair[place]).collect();
            run(&images, &steps, self.interpolation, self.fill.as_ref())
        })
    }

    fn validate(&self) -> Result<()> {
        limits::sampled("AutoAugment.interpolation", self.interpolation)
    }
}
