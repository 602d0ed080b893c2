use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::{limits, rows, written};
use crate::{Apply, Draws, Fill, Interpolation, Result, functional};

/// Turns each image by a random angle; torchvision's `RandomRotation`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged unless `expand`.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, RandomRotation};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = RandomRotation::new(15.0);
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomRotation {
    /// The least and the largest angle, against the clock. In JSON, one number d stands for -d to d. No
    /// default, as in PyTorch.
    #[serde(deserialize_with = "written::around_zero")]
    pub degrees: [f64; 2],
    /// How values between pixels are found: nearest or bilinear. Default: nearest.
    #[serde(default = "written::nearest")]
    pub interpolation: Interpolation,
    /// Whether the output is as large as the whole turned image. Default: false.
    #[serde(default)]
    pub expand: bool,
    /// What turns stand still around, `[x, y]` from the upper left corner. Default: the middle of the image.
    #[serde(default)]
    pub center: Option<[f64; 2]>,
    /// What stands where the image is gone. Default: 0.
    #[serde(default = "written::black")]
    pub fill: Option<Fill>,
}

impl RandomRotation {
    /// Turns by up to this angle in both directions.
    #[must_use]
    pub fn new(degrees: f64) -> Self {
        Self {
            degrees: [-degrees, degrees],
            interpolation: Interpolation::Nearest,
            expand: false,
            center: None,
            fill: written::black(),
        }
    }
}

impl Apply for RandomRotation {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let rotate = |images: &Tensor, draws: &Draws<'_>| {
            let [least, most] = self.degrees;
            let angles: Vec<_> = draws.images().map(|mut random| random.between(least, most)).collect();
            functional::rotate(
                images,
                &angles,
                self.interpolation,
                self.expand,
                self.center,
                self.fill.as_ref(),
            )
        };
        if self.expand { rows::each(images, draws, rotate) } else { rotate(images, draws) }
    }

    fn validate(&self) -> Result<()> {
        limits::range("RandomRotation.degrees", self.degrees, f64::MIN, f64::MAX)?;
        limits::within("RandomRotation.center", self.center.as_slice().as_flattened(), f64::MIN, f64::MAX)?;
        limits::sampled("RandomRotation.interpolation", self.interpolation)
    }

    fn varies_in_size(&self) -> bool {
        self.expand
    }
}
