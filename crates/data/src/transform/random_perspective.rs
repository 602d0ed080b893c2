use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::chance::heads;
use crate::transform::functional::Frame;
use crate::transform::{limits, rows, written};
use crate::{Apply, Draws, Error, Fill, Interpolation, Random, Result, functional};

/// Shows each image in a random perspective with a probability; torchvision's `RandomPerspective`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged.
///
/// # Errors
///
/// For images that are one pixel wide or high, which have no perspective; torchvision raises there, too.
///
/// Differs from PyTorch: each image of a batch has a draw of its own. Corners that have no perspective, three on a
/// line, which a large distortion can draw, are drawn again; torchvision raises, or shows nothing.
///
/// ```
/// use selvedge_data::{Apply, RandomPerspective};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = RandomPerspective { distortion_scale: 0.3, ..RandomPerspective::default() };
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomPerspective {
    /// How far the corners may move, as a share of the way to the middle. Default: 0.5.
    pub distortion_scale: f64,
    /// The probability for each image. Default: 0.5.
    pub p: f64,
    /// How values between pixels are found: nearest or bilinear. Default: bilinear.
    pub interpolation: Interpolation,
    /// What stands where the image is gone. Default: 0.
    pub fill: Option<Fill>,
}

impl Default for RandomPerspective {
    fn default() -> Self {
        Self { distortion_scale: 0.5, p: 0.5, interpolation: Interpolation::Bilinear, fill: written::black() }
    }
}

impl RandomPerspective {
    /// The coefficients, or `None` for corners that have none.
    fn attempt(&self, frame: Frame, random: &mut Random) -> Option<[f64; 8]> {
        let (height, width) = (frame.height as f64, frame.width as f64);
        let room = |length: i64| (self.distortion_scale * (length / 2) as f64) as usize + 1;
        let (down, across) = (room(frame.height), room(frame.width));
        let mut near = |end: usize| random.below(end) as f64;
        let end = [
            [near(across), near(down)],
            [width - 1.0 - near(across), near(down)],
            [width - 1.0 - near(across), height - 1.0 - near(down)],
            [near(across), height - 1.0 - near(down)],
        ];
        let start = [[0.0, 0.0], [width - 1.0, 0.0], [width - 1.0, height - 1.0], [0.0, height - 1.0]];
        functional::perspective_coefficients(start, end).ok()
    }

    fn draw(&self, frame: Frame, random: &mut Random) -> [f64; 8] {
        // Most corners have one, those of the image itself among them.
        (0..1000)
            .find_map(|_| self.attempt(frame, random))
            .unwrap_or([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    }
}

impl Apply for RandomPerspective {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::of("RandomPerspective", images)?;
        if self.p > 0.0 && frame.height.min(frame.width) < 2 && frame.count > 0 {
            return Err(Error::Shape {
                what: "RandomPerspective".to_owned(),
                expected: "images that are at least 2 pixels wide and high".to_owned(),
                found: format!("{} wide and {} high", frame.width, frame.height),
            });
        }
        let chosen = heads(self.p, draws);
        // A generator of its own, so that the corners do not follow from the coin.
        let draws = draws.step(0);
        let coefficients: Vec<_> =
            chosen.iter().map(|&row| self.draw(frame, &mut draws.image(row))).collect();
        rows::changed(images, &chosen, |images| {
            functional::perspective(images, &coefficients, self.interpolation, self.fill.as_ref())
        })
    }

    fn validate(&self) -> Result<()> {
        limits::within("RandomPerspective.distortion_scale", &[self.distortion_scale], 0.0, 1.0)?;
        limits::probability("RandomPerspective.p", self.p)?;
        limits::sampled("RandomPerspective.interpolation", self.interpolation)
    }
}
