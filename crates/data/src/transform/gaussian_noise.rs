use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::functional::Frame;
use crate::transform::{distribution, limits};
use crate::{Apply, Draws, Result, functional};

/// Adds noise to each value: `output = input + mean + sigma * noise`; torchvision's `GaussianNoise`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged; floats are from 0 to 1.
///
/// Differs from PyTorch: the noise of an image comes from its own draws.
///
/// ```
/// use selvedge_data::{Apply, GaussianNoise};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = GaussianNoise { sigma: 0.05, ..GaussianNoise::default() };
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GaussianNoise {
    /// The mean of the noise, as a share of white. Default: 0.
    pub mean: f64,
    /// The standard deviation of the noise, as a share of white. Default: 0.1.
    pub sigma: f64,
    /// Whether values below black and above white are cut off. Default: true.
    pub clip: bool,
}

impl Default for GaussianNoise {
    fn default() -> Self {
        Self { mean: 0.0, sigma: 0.1, clip: true }
    }
}

impl Apply for GaussianNoise {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::of("GaussianNoise", images)?;
        let values = (frame.channels * frame.height * frame.width) as usize;
        let noise: Vec<f32> =
            draws.images().flat_map(|mut random| distribution::normals(&mut random, values)).collect();
        let noise = Tensor::from_slice(&noise).view_as(images);
        functional::add_noise(images, &noise, self.mean, self.sigma, self.clip)
    }

    fn validate(&self) -> Result<()> {
        limits::within("GaussianNoise.mean", &[self.mean], f64::MIN, f64::MAX)?;
        limits::not_negative("GaussianNoise.sigma", self.sigma)
    }
}
