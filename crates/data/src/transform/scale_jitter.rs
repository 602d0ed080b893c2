use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::functional::Frame;
use crate::transform::{limits, rows, written};
use crate::{Apply, Draws, ImageSize, Interpolation, Random, Result, functional};

/// Scales each image by a random factor of what fits into a size; torchvision's `ScaleJitter`, "Simple
/// Copy-Paste is a Strong Data Augmentation Method for Instance Segmentation" (Ghiasi et al.).
///
/// The images come out in different sizes, so a step such as [`RandomCrop`](crate::RandomCrop) with
/// `pad_if_needed` has to follow where a batch has several images; up to it they go through the chain one by
/// one.
///
/// # Shapes
///
/// `[1, C, H, W]` to `[1, C, r·H, r·W]`.
///
/// Differs from PyTorch: each image of a batch has a draw of its own. PyTorch measures the height against the
/// second number of `target_size` and the width against the first, and so does this.
///
/// ```
/// use selvedge_data::{Apply, Compose, RandomCrop, ScaleJitter};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let crop = RandomCrop { pad_if_needed: true, ..RandomCrop::new(24) };
/// let chain = Compose::new([ScaleJitter::new(24).into(), crop.into()]);
/// assert_eq!(chain.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleJitter {
    /// The size that the factor 1 fits the image into. No default, as in PyTorch.
    pub target_size: ImageSize,
    /// The least and the largest factor. Default: 0.1 to 2.
    #[serde(default = "scale_range")]
    pub scale_range: [f64; 2],
    /// How values between pixels are found. Default: bilinear.
    #[serde(default = "written::bilinear")]
    pub interpolation: Interpolation,
    /// Whether bilinear and bicubic look at all the pixels that shrink into one. Default: true.
    #[serde(default = "written::yes")]
    pub antialias: bool,
}

fn scale_range() -> [f64; 2] {
    [0.1, 2.0]
}

impl ScaleJitter {
    /// A jitter about this size.
    #[must_use]
    pub fn new(target_size: impl Into<ImageSize>) -> Self {
        Self {
            target_size: target_size.into(),
            scale_range: scale_range(),
            interpolation: Interpolation::Bilinear,
            antialias: true,
        }
    }

    fn draw(&self, frame: Frame, random: &mut Random) -> ImageSize {
        let (height, width) = (frame.height as f64, frame.width as f64);
        let fits = (self.target_size.width as f64 / height).min(self.target_size.height as f64 / width);
        let ratio = fits * random.between(self.scale_range[0], self.scale_range[1]);
        ImageSize { height: (height * ratio) as i64, width: (width * ratio) as i64 }
    }
}

impl Apply for ScaleJitter {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::of("ScaleJitter", images)?;
        rows::each(images, draws, |image, draws| {
            let size = self.draw(frame, &mut draws.image(0));
            functional::resize(image, size, self.interpolation, self.antialias)
        })
    }

    fn validate(&self) -> Result<()> {
        self.target_size.check("ScaleJitter.target_size")?;
        limits::range("ScaleJitter.scale_range", self.scale_range, f64::MIN_POSITIVE, 100.0)
    }

    fn varies_in_size(&self) -> bool {
        true
    }
}
