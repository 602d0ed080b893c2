use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{Apply, Draws, ImageSize, Result, functional};

/// The four corners and the middle of each image; torchvision's `FiveCrop`.
///
/// Steps that work on each value alone, such as [`Normalize`](crate::Normalize), may follow.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, 5, C, size.height, size.width]`.
///
/// Differs from PyTorch: one tensor in place of a tuple of five.
///
/// ```
/// use selvedge_data::{Apply, FiveCrop};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = FiveCrop::new(20);
/// assert_eq!(step.apply(&images)?.size(), [8, 5, 3, 20, 20]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FiveCrop {
    /// The size of each. No default, as in PyTorch.
    pub size: ImageSize,
}

impl FiveCrop {
    /// Crops of this size.
    #[must_use]
    pub fn new(size: impl Into<ImageSize>) -> Self {
        Self { size: size.into() }
    }
}

impl Apply for FiveCrop {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        functional::five_crop(images, self.size)
    }

    fn validate(&self) -> Result<()> {
        self.size.check("FiveCrop.size")
    }
}
