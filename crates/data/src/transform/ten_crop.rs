use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{Apply, Draws, ImageSize, Result, functional};

/// The four corners and the middle of each image and of its mirror image; torchvision's `TenCrop`.
///
/// Steps that work on each value alone, such as [`Normalize`](crate::Normalize), may follow.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, 10, C, size.height, size.width]`.
///
/// Differs from PyTorch: one tensor in place of a tuple of ten.
///
/// ```
/// use selvedge_data::{Apply, TenCrop};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = TenCrop::new(20);
/// assert_eq!(step.apply(&images)?.size(), [8, 10, 3, 20, 20]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenCrop {
    /// The size of each. No default, as in PyTorch.
    pub size: ImageSize,
    /// Whether the mirror stands below the images and not beside them. Default: false.
    #[serde(default)]
    pub vertical_flip: bool,
}

impl TenCrop {
    /// Crops of this size.
    #[must_use]
    pub fn new(size: impl Into<ImageSize>) -> Self {
        Self { size: size.into(), vertical_flip: false }
    }
}

impl Apply for TenCrop {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        functional::ten_crop(images, self.size, self.vertical_flip)
    }

    fn validate(&self) -> Result<()> {
        self.size.check("TenCrop.size")
    }
}
