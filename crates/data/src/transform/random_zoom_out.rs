use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::functional::Frame;
use crate::transform::{limits, rows};
use crate::{Apply, Draws, Fill, Padding, PaddingMode, Random, Result, functional};

/// Puts each image somewhere on a larger canvas with a probability; torchvision's `RandomZoomOut`.
///
/// The canvases have different sizes, so a step such as [`Resize`](crate::Resize) has to follow where a batch
/// has several images; up to it the images go through the chain one by one.
///
/// # Shapes
///
/// `[1, C, H, W]` to `[1, C, r·H, r·W]`.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, Compose, RandomZoomOut, Resize};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let chain = Compose::new([RandomZoomOut::default().into(), Resize::new([24, 24]).into()]);
/// assert_eq!(chain.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomZoomOut {
    /// The canvas. Default: 0.
    pub fill: Fill,
    /// The least and the largest r, at least 1. Default: 1 to 4.
    pub side_range: [f64; 2],
    /// The probability for each image. Default: 0.5.
    pub p: f64,
}

impl Default for RandomZoomOut {
    fn default() -> Self {
        Self { fill: Fill::default(), side_range: [1.0, 4.0], p: 0.5 }
    }
}

impl RandomZoomOut {
    fn draw(&self, frame: Frame, random: &mut Random) -> Padding {
        if !random.chance(self.p) {
            return Padding::default();
        }
        let ratio = random.between(self.side_range[0], self.side_range[1]);
        let mut sides = |length: i64| {
            let room = (length as f64 * ratio) as i64 - length;
            let before = (room as f64 * random.uniform()) as i64;
            (before, room - before)
        };
        let (left, right) = sides(frame.width);
        let (top, bottom) = sides(frame.height);
        Padding { left, top, right, bottom }
    }
}

impl Apply for RandomZoomOut {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::of("RandomZoomOut", images)?;
        rows::each(images, draws, |image, draws| {
            let padding = self.draw(frame, &mut draws.image(0));
            functional::pad(image, padding, &self.fill, PaddingMode::Constant)
        })
    }

    fn validate(&self) -> Result<()> {
        limits::range("RandomZoomOut.side_range", self.side_range, 1.0, 100.0)?;
        limits::probability("RandomZoomOut.p", self.p)
    }

    fn varies_in_size(&self) -> bool {
        true
    }
}
