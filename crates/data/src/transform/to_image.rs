use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{Apply, Draws, Result};

/// Leaves the images as they are; torchvision's `ToImage`, so that a chain ported from Python reads the same.
///
/// Differs from PyTorch: the images are tensors `[N, C, H, W]` already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToImage;

impl Apply for ToImage {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        Ok(images.shallow_clone())
    }

    fn is_pointwise(&self) -> bool {
        true
    }
}
