use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::functional::Frame;
use crate::transform::{limits, written};
use crate::{Apply, Draws, Error, Fill, ImageSize, Interpolation, Result, functional};

/// Moves each place of each image a little, as if seen through water; torchvision's `ElasticTransform`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, ElasticTransform};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = ElasticTransform { sigma: [2.0; 2], ..ElasticTransform::default() };
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ElasticTransform {
    /// How far places move, across and down. In JSON, one number stands for both. Default: 50.
    #[serde(deserialize_with = "written::same_twice")]
    pub alpha: [f64; 2],
    /// How smoothly, across and down, in pixels; 0 is not at all. In JSON, one number stands for both.
    /// Default: 5.
    #[serde(deserialize_with = "written::same_twice")]
    pub sigma: [f64; 2],
    /// How values between pixels are found: nearest or bilinear. Default: bilinear.
    pub interpolation: Interpolation,
    /// What stands where the image is gone. Default: 0.
    pub fill: Option<Fill>,
}

impl Default for ElasticTransform {
    fn default() -> Self {
        Self {
            alpha: [50.0; 2],
            sigma: [5.0; 2],
            interpolation: Interpolation::Bilinear,
            fill: written::black(),
        }
    }
}

impl ElasticTransform {
    /// Where each place moves: shape `[N, H, W, 2]`.
    fn displacement(&self, frame: Frame, draws: &Draws<'_>) -> Result<Tensor> {
        let plane = (frame.height * frame.width) as usize;
        let noise = |mut random: crate::Random| {
            let noise: Vec<f32> = (0..2 * plane).map(|_| random.between(-1.0, 1.0) as f32).collect();
            noise
        };
        let noise: Vec<f32> = draws.images().flat_map(noise).collect();
        let noise = Tensor::from_slice(&noise).view([-1, 2, frame.height, frame.width]);
        let along = |axis: usize, length: i64| -> Result<Tensor> {
            let noise = noise.narrow(1, axis as i64, 1);
            let smooth = if self.sigma[axis] > 0.0 {
                // An odd number of pixels that reaches four deviations out.
                let side = (8.0 * self.sigma[axis] + 1.0) as i64 | 1;
                let sigmas = vec![self.sigma; frame.count as usize];
                functional::gaussian_blur(&noise, ImageSize::from(side), &sigmas)?
            } else {
                noise
            };
            Ok(smooth * self.alpha[axis] / length as f64)
        };
        Ok(Tensor::cat(&[along(0, frame.width)?, along(1, frame.height)?], 1).permute([0, 2, 3, 1]))
    }
}

impl Apply for ElasticTransform {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::of("ElasticTransform", images)?;
        let reach = self.sigma.map(|sigma| (8.0 * sigma + 1.0) as i64 / 2).into_iter().max().unwrap_or(0);
        if self.sigma[0] > 0.0 && reach >= frame.height.min(frame.width) {
            let expected = format!("a fourth of the images' {} by {} at most", frame.height, frame.width);
            return Err(Error::option("ElasticTransform.sigma", expected, format!("{:?}", self.sigma)));
        }
        let displacement = self.displacement(frame, draws)?.to_device(images.device());
        functional::elastic(images, &displacement, self.interpolation, self.fill.as_ref())
    }

    fn validate(&self) -> Result<()> {
        limits::within("ElasticTransform.alpha", &self.alpha, f64::MIN, f64::MAX)?;
        limits::within("ElasticTransform.sigma", &self.sigma, 0.0, f64::MAX)?;
        if (self.sigma[0] == 0.0) != (self.sigma[1] == 0.0) {
            let found = format!("{:?}", self.sigma);
            return Err(Error::option("ElasticTransform.sigma", "both 0 or both positive", found));
        }
        limits::sampled("ElasticTransform.interpolation", self.interpolation)
    }
}
