use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::chance::heads;
use crate::transform::{limits, rows, written};
use crate::{Apply, Draws, Result, functional};

/// Makes images smoother or sharper with a probability for each; torchvision's `RandomAdjustSharpness`.
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]`, unchanged; floats are from 0 to 1.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, RandomAdjustSharpness};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = RandomAdjustSharpness::new(2.0);
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomAdjustSharpness {
    /// 0 is smooth, 1 the image, 2 sharper. No default, as in PyTorch.
    pub sharpness_factor: f64,
    /// The probability for each image. Default: 0.5.
    #[serde(default = "written::half")]
    pub p: f64,
}

impl RandomAdjustSharpness {
    /// The change for half of the images.
    #[must_use]
    pub fn new(sharpness_factor: f64) -> Self {
        Self { sharpness_factor, p: 0.5 }
    }
}

impl Apply for RandomAdjustSharpness {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let rows = heads(self.p, draws);
        rows::changed(images, &rows, |images| {
            functional::adjust_sharpness(images, &vec![self.sharpness_factor; rows.len()])
        })
    }

    fn validate(&self) -> Result<()> {
        limits::not_negative("RandomAdjustSharpness.sharpness_factor", self.sharpness_factor)?;
        limits::probability("RandomAdjustSharpness.p", self.p)
    }
}
