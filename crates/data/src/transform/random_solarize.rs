use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::chance::heads;
use crate::transform::{limits, rows, written};
use crate::{Apply, Draws, Result, functional};

/// Inverts the values from a threshold on, with a probability for each image; torchvision's `RandomSolarize`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged; floats are from 0 to 1.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, RandomSolarize};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = RandomSolarize::new(0.5);
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomSolarize {
    /// The least value that is inverted, at most white: 255 for bytes, 1 for floats. No default, as in PyTorch.
    pub threshold: f64,
    /// The probability for each image. Default: 0.5.
    #[serde(default = "written::half")]
    pub p: f64,
}

impl RandomSolarize {
    /// The change for half of the images.
    #[must_use]
    pub fn new(threshold: f64) -> Self {
        Self { threshold, p: 0.5 }
    }
}

impl Apply for RandomSolarize {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let rows = heads(self.p, draws);
        rows::changed(images, &rows, |images| functional::solarize(images, &vec![self.threshold; rows.len()]))
    }

    fn validate(&self) -> Result<()> {
        limits::within("RandomSolarize.threshold", &[self.threshold], f64::MIN, 255.0)?;
        limits::probability("RandomSolarize.p", self.p)
    }
}
