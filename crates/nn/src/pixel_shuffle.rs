use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{Forward, Mode, Module, functional, observe};

/// Makes pixels of channels; PyTorch's `PixelShuffle`, by Shi et al., Real-Time Single Image and Video
/// Super-Resolution, 2016.
///
/// # Shapes
///
/// From `[.., C·r², H, W]` to `[.., C, H·r, W·r]`, where `r` is the factor.
///
/// ```
/// use selvedge_nn::{Forward, Mode, PixelShuffle};
/// use tch::{Device, Kind, Tensor};
///
/// let input = Tensor::zeros([1, 9, 4, 4], (Kind::Float, Device::Cpu));
/// assert_eq!(PixelShuffle { upscale_factor: 3 }.forward(&input, Mode::Eval).size(), [1, 1, 12, 12]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Module, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[module(extra_repr)]
pub struct PixelShuffle {
    /// How much higher and wider the output is.
    #[module(skip)]
    pub upscale_factor: i64,
}

impl PixelShuffle {
    fn extra_repr(&self) -> String {
        format!("upscale_factor={}", self.upscale_factor)
    }
}

impl Forward for PixelShuffle {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        observe(self, functional::pixel_shuffle(input, self.upscale_factor))
    }
}

/// Makes channels of pixels, the inverse of [`PixelShuffle`]; PyTorch's `PixelUnshuffle`.
///
/// # Shapes
///
/// From `[.., C, H·r, W·r]` to `[.., C·r², H, W]`, where `r` is the factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Module, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[module(extra_repr)]
pub struct PixelUnshuffle {
    /// How much lower and narrower the output is.
    #[module(skip)]
    pub downscale_factor: i64,
}

impl PixelUnshuffle {
    fn extra_repr(&self) -> String {
        format!("downscale_factor={}", self.downscale_factor)
    }
}

impl Forward for PixelUnshuffle {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        observe(self, functional::pixel_unshuffle(input, self.downscale_factor))
    }
}
