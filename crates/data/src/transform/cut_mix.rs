use serde::{Deserialize, Serialize};

use crate::functional::Region;
use crate::transform::functional::Frame;
use crate::transform::{distribution, limits};
use crate::{Batch, Draws, Mix, Random, Result, functional};

/// Shows in a rectangle of each image what is there in the one before it in the batch, and mixes their labels
/// by its share; torchvision's `CutMix`, "CutMix: Regularization Strategy to Train Strong Classifiers with
/// Localizable Features" (Yun et al.).
///
/// # Shapes
///
/// Images: `[N, C, H, W]`, unchanged. Labels: `[N]` or `[N, num_classes]` to `[N, num_classes]`.
///
/// Differs from PyTorch: each image of a batch has a rectangle of its own.
///
/// ```
/// use selvedge_data::{Batch, CutMix, Draws, Mix};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([2, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let batch = Batch { images, labels: Tensor::from_slice(&[3_i64, 7]) };
/// let cut_mix = CutMix { num_classes: Some(10), ..CutMix::default() };
/// let mixed = cut_mix.mix(&batch, &Draws::new(0, 0, &[0, 1]))?;
/// assert_eq!(mixed.labels.size(), [2, 10]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CutMix {
    /// α of the Beta(α, α) that the share of the image is drawn from. Default: 1.
    pub alpha: f64,
    /// The number of classes, for labels that are class numbers. Default: none.
    pub num_classes: Option<i64>,
}

impl Default for CutMix {
    fn default() -> Self {
        Self { alpha: 1.0, num_classes: None }
    }
}

impl CutMix {
    fn draw(&self, frame: Frame, random: &mut Random) -> Region {
        let share = distribution::beta(random, self.alpha);
        let half = 0.5 * (1.0 - share).sqrt();
        // What lies outside of the image does not count.
        let mut span = |length: i64| {
            let middle = random.below(length as usize) as i64;
            let half = (half * length as f64) as i64;
            let first = (middle - half).max(0);
            (first, (middle + half).min(length) - first)
        };
        let (left, width) = span(frame.width);
        let (top, height) = span(frame.height);
        Region { top, left, height, width }
    }
}

impl Mix for CutMix {
    fn mix(&self, batch: &Batch, draws: &Draws<'_>) -> Result<Batch> {
        self.validate()?;
        let frame = Frame::of("CutMix", &batch.images)?;
        let regions: Vec<_> = draws.images().map(|mut random| self.draw(frame, &mut random)).collect();
        let area = (frame.height * frame.width) as f64;
        let own = |region: &Region| 1.0 - (region.height * region.width) as f64 / area;
        let shares: Vec<f64> = regions.iter().map(own).collect();
        Ok(Batch {
            images: functional::cut_mix(&batch.images, &regions)?,
            labels: functional::mix_labels(&batch.labels, &shares, self.num_classes)?,
        })
    }

    fn validate(&self) -> Result<()> {
        limits::positive("CutMix.alpha", self.alpha)?;
        limits::at_least("CutMix.num_classes", self.num_classes.unwrap_or(1), 1)
    }
}
