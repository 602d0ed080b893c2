use selvedge_torch::Autocast;
use serde::{Deserialize, Serialize};
use tch::{Device, Kind};

use crate::TrainError;

/// In which kind the forward pass computes where that gains speed; the parameters stay f32. PyTorch's `torch.autocast`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MixedPrecision {
    /// f32 throughout; the default.
    #[default]
    F32,
    /// bfloat16, on the CPU and on CUDA. It has the range of f32, so that gradients do not vanish.
    Bf16,
    /// float16, with a [`GradScaler`](crate::GradScaler).
    F16,
}

impl MixedPrecision {
    /// Casts until the guard is dropped.
    ///
    /// # Errors
    ///
    /// On a device that can not.
    pub fn enter(self, device: Device) -> Result<Option<Autocast>, TrainError> {
        let kind = match self {
            Self::F32 => return Ok(None),
            Self::Bf16 => Kind::BFloat16,
            Self::F16 => Kind::Half,
        };
        Ok(Some(Autocast::new(device, kind)?))
    }
}
