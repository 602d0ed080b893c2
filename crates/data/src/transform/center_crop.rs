use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{Apply, Draws, ImageSize, Result, functional};

/// Cuts the middle out of each image, with black around those that are smaller; torchvision's `CenterCrop`.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, C, size.height, size.width]`.
///
/// ```
/// use selvedge_data::{Apply, CenterCrop};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = CenterCrop::new(20);
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 20, 20]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CenterCrop {
    /// The size of the middle. No default, as in PyTorch.
    pub size: ImageSize,
}

impl CenterCrop {
    /// A crop of this size.
    #[must_use]
    pub fn new(size: impl Into<ImageSize>) -> Self {
        Self { size: size.into() }
    }
}

impl Apply for CenterCrop {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        functional::center_crop(images, self.size)
    }

    fn validate(&self) -> Result<()> {
        self.size.check("CenterCrop.size")
    }
}
