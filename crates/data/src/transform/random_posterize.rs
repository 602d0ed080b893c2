use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::chance::heads;
use crate::transform::{limits, rows, written};
use crate::{Apply, Draws, Result, functional};

/// Keeps the first bits of each value with a probability for each image; torchvision's `RandomPosterize`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged; floats are from 0 to 1.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, RandomPosterize};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = RandomPosterize::new(4);
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomPosterize {
    /// The number of bits, 0 to 8. No default, as in PyTorch.
    pub bits: i64,
    /// The probability for each image. Default: 0.5.
    #[serde(default = "written::half")]
    pub p: f64,
}

impl RandomPosterize {
    /// The change for half of the images.
    #[must_use]
    pub fn new(bits: i64) -> Self {
        Self { bits, p: 0.5 }
    }
}

impl Apply for RandomPosterize {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let rows = heads(self.p, draws);
        rows::changed(images, &rows, |images| functional::posterize(images, &vec![self.bits; rows.len()]))
    }

    fn validate(&self) -> Result<()> {
        limits::within("RandomPosterize.bits", &[self.bits as f64], 0.0, 8.0)?;
        limits::probability("RandomPosterize.p", self.p)
    }
}
