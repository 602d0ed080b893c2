use std::fmt;

use serde::{Deserialize, Serialize};

/// How values between pixels are found; torchvision's `InterpolationMode`, those of them that tensors have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Interpolation {
    /// The pixel that is nearest, as PyTorch's `nearest` rounds.
    Nearest,
    /// The pixel that is nearest, as Pillow rounds.
    NearestExact,
    /// Between the four pixels around.
    Bilinear,
    /// Between the sixteen pixels around.
    Bicubic,
}

impl fmt::Display for Interpolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nearest => "nearest",
            Self::NearestExact => "nearest-exact",
            Self::Bilinear => "bilinear",
            Self::Bicubic => "bicubic",
        })
    }
}
