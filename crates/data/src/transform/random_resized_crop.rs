use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::functional::{Frame, Region};
use crate::transform::{limits, written};
use crate::{Apply, Draws, ImageSize, Interpolation, Random, Result, functional};

/// Cuts a region of random size and shape out of each image and scales it; torchvision's `RandomResizedCrop`.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, C, size.height, size.width]`.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, RandomResizedCrop};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = RandomResizedCrop::new(16);
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 16, 16]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomResizedCrop {
    /// The size of the output. No default, as in PyTorch.
    pub size: ImageSize,
    /// The least and the largest share of the image. Default: 0.08 to 1.
    #[serde(default = "scale")]
    pub scale: [f64; 2],
    /// The least and the largest ratio of width to height. Default: 3/4 to 4/3.
    #[serde(default = "ratio")]
    pub ratio: [f64; 2],
    /// How values between pixels are found. Default: bilinear.
    #[serde(default = "written::bilinear")]
    pub interpolation: Interpolation,
    /// Whether bilinear and bicubic look at all the pixels that shrink into one. Default: true.
    #[serde(default = "written::yes")]
    pub antialias: bool,
}

fn scale() -> [f64; 2] {
    [0.08, 1.0]
}

fn ratio() -> [f64; 2] {
    [3.0 / 4.0, 4.0 / 3.0]
}

impl RandomResizedCrop {
    /// A crop that comes out in this size.
    #[must_use]
    pub fn new(size: impl Into<ImageSize>) -> Self {
        Self {
            size: size.into(),
            scale: scale(),
            ratio: ratio(),
            interpolation: Interpolation::Bilinear,
            antialias: true,
        }
    }

    fn region(&self, frame: Frame, random: &mut Random) -> Region {
        let area = (frame.height * frame.width) as f64;
        let [least, most] = self.ratio;
        for _ in 0..10 {
            let area = area * random.between(self.scale[0], self.scale[1]);
            let ratio = random.between(least.ln(), most.ln()).exp();
            let width = (area * ratio).sqrt().round_ties_even() as i64;
            let height = (area / ratio).sqrt().round_ties_even() as i64;
            if (1..=frame.width).contains(&width) && (1..=frame.height).contains(&height) {
                let top = random.below((frame.height - height + 1) as usize) as i64;
                let left = random.below((frame.width - width + 1) as usize) as i64;
                return Region { top, left, height, width };
            }
        }
        // The largest region in the middle that has a ratio within the range.
        let whole = frame.width as f64 / frame.height as f64;
        let (height, width) = if whole < least {
            ((frame.width as f64 / least).round_ties_even() as i64, frame.width)
        } else if whole > most {
            (frame.height, (frame.height as f64 * most).round_ties_even() as i64)
        } else {
            (frame.height, frame.width)
        };
        Region { top: (frame.height - height) / 2, left: (frame.width - width) / 2, height, width }
    }
}

impl Apply for RandomResizedCrop {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::of("RandomResizedCrop", images)?;
        let regions: Vec<_> = draws.images().map(|mut random| self.region(frame, &mut random)).collect();
        functional::resized_crop(images, &regions, self.size, self.interpolation, self.antialias)
    }

    fn validate(&self) -> Result<()> {
        self.size.check("RandomResizedCrop.size")?;
        limits::range("RandomResizedCrop.scale", self.scale, 0.0, 1.0)?;
        limits::range("RandomResizedCrop.ratio", self.ratio, f64::MIN_POSITIVE, f64::MAX)
    }
}
