use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::{Apply, Draws, Result};

/// Makes bytes f32 numbers from 0 to 1: `output = input / 255`; torchvision's `ToTensor`.
///
/// Images that are floats already stay as they are.
///
/// Differs from PyTorch: the images are tensors `[N, C, H, W]` already, so only the scaling is left to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToTensor;

impl Apply for ToTensor {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        Ok(match images.kind() {
            Kind::Uint8 => images.to_kind(Kind::Float) / 255.0,
            _ => images.shallow_clone(),
        })
    }

    fn is_pointwise(&self) -> bool {
        true
    }
}
