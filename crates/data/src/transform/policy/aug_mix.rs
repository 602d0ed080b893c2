use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::space::Translate;
use super::{Operation, Space, Step, run};
use crate::transform::functional::{Frame, float_kind, per_image};
use crate::transform::{distribution, limits};
use crate::{Apply, Draws, Error, Fill, Interpolation, Random, Result};

/// How many strengths there are.
const BINS: usize = 10;

pub(super) const SPACE: Space =
    Space { shear: 0.3, translate: Translate::Share(1.0 / 3.0), rotate: 30.0, factor: 0.9, bits: (4.0, 4.0) };

/// The last four are those of `all_ops`.
pub(super) const OPERATIONS: [Operation; 13] = [
    Operation::ShearX,
    Operation::ShearY,
    Operation::TranslateX,
    Operation::TranslateY,
    Operation::Rotate,
    Operation::Posterize,
    Operation::Solarize,
    Operation::AutoContrast,
    Operation::Equalize,
    Operation::Brightness,
    Operation::Color,
    Operation::Contrast,
    Operation::Sharpness,
];

/// Mixes each image with what several short chains of operations make of it; torchvision's `AugMix`, "AugMix:
/// A Simple Data Processing Method to Improve Robustness and Uncertainty" (Hendrycks et al.).
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]`, unchanged; floats are from 0 to 1.
///
/// Differs from PyTorch: each image of a batch has a draw of its own, of the operations as well.
///
/// ```
/// use selvedge_data::{Apply, AugMix};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = AugMix { severity: 2, ..AugMix::default() };
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AugMix {
    /// How strong the operations are at most, 1 to 10. Default: 3.
    pub severity: usize,
    /// The number of chains, at least 1. Default: 3.
    pub mixture_width: usize,
    /// The number of operations in a chain; -1 for 1 to 3, drawn for each. Default: -1.
    pub chain_depth: i64,
    /// The concentration of the weights: the larger, the more alike. Default: 1.
    pub alpha: f64,
    /// Whether brightness, colour, contrast and sharpness are among the operations. Default: true.
    pub all_ops: bool,
    /// How values between pixels are found: nearest or bilinear. Default: bilinear.
    pub interpolation: Interpolation,
    /// What stands where the image is gone. Default: none, which is black.
    pub fill: Option<Fill>,
}

impl Default for AugMix {
    fn default() -> Self {
        Self {
            severity: 3,
            mixture_width: 3,
            chain_depth: -1,
            alpha: 1.0,
            all_ops: true,
            interpolation: Interpolation::Bilinear,
            fill: None,
        }
    }
}

/// What is done to an image.
struct Mixture {
    /// The share of the image as it was.
    own: f64,
    /// The share of each chain, and its steps.
    chains: Vec<(f64, Vec<Step>)>,
}

impl AugMix {
    fn draw(&self, frame: Frame, random: &mut Random) -> Mixture {
        let operations = if self.all_ops { &OPERATIONS[..] } else { &OPERATIONS[..9] };
        let own = distribution::beta(random, self.alpha);
        let shares = distribution::dirichlet(random, self.alpha, self.mixture_width);
        let mut chain = |share: f64| {
            let depth = if self.chain_depth > 0 { self.chain_depth as usize } else { 1 + random.below(3) };
            let step = |_| {
                let operation = operations[random.below(operations.len())];
                let bin = random.below(self.severity);
                SPACE.step(operation, (bin, BINS), frame, random)
            };
            (share * (1.0 - own), (0..depth).map(step).collect())
        };
        let chains = shares.into_iter().map(&mut chain).collect();
        Mixture { own, chains }
    }
}

impl Apply for AugMix {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::coloured("AugMix", images)?;
        let mixtures: Vec<_> = draws.images().map(|mut random| self.draw(frame, &mut random)).collect();
        let own: Vec<f64> = mixtures.iter().map(|mixture| mixture.own).collect();
        let mut mixed = images.to_kind(float_kind(images)) * per_image(&own, images);
        for number in 0..self.mixture_width {
            let chains: Vec<_> = mixtures.iter().map(|mixture| &mixture.chains[number]).collect();
            let deepest = chains.iter().map(|(_, steps)| steps.len()).max().unwrap_or(0);
            let changed = (0..deepest).try_fold(images.shallow_clone(), |images, place| {
                let step = |(_, steps): &&(f64, Vec<Step>)| steps.get(place).copied().unwrap_or(Step::NONE);
                let steps: Vec<Step> = chains.iter().map(step).collect();
                run(&images, &steps, self.interpolation, self.fill.as_ref())
            })?;
            let shares: Vec<f64> = chains.iter().map(|(share, _)| *share).collect();
            mixed += changed.to_kind(float_kind(images)) * per_image(&shares, images);
        }
        // The shares add up to 1 but for rounding, which must not make 255 overflow.
        let mixed = if images.kind() == Kind::Uint8 { mixed.clamp(0.0, 255.0) } else { mixed };
        Ok(mixed.to_kind(images.kind()))
    }

    fn validate(&self) -> Result<()> {
        if !(1..=BINS).contains(&self.severity) {
            return Err(Error::option("AugMix.severity", format!("1 to {BINS}"), self.severity));
        }
        limits::at_least("AugMix.mixture_width", self.mixture_width, 1)?;
        limits::at_most("AugMix.mixture_width", self.mixture_width, 100)?;
        limits::at_most("AugMix.chain_depth", self.chain_depth, 100)?;
        limits::positive("AugMix.alpha", self.alpha)?;
        limits::sampled("AugMix.interpolation", self.interpolation)
    }
}
