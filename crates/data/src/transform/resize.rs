use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::functional::Frame;
use crate::transform::{limits, written};
use crate::{Apply, Draws, Error, ImageSize, Interpolation, Result, functional};

/// Scales each image; torchvision's `Resize`.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, C, H′, W′]`.
///
/// ```
/// use selvedge_data::{Apply, Resize};
/// use tch::{Kind, Tensor};
///
/// let images = Tensor::zeros([1, 3, 20, 40], (Kind::Float, tch::Device::Cpu));
/// assert_eq!(Resize::new([8, 8]).apply(&images)?.size(), [1, 3, 8, 8]);
/// assert_eq!(Resize::new(10).apply(&images)?.size(), [1, 3, 10, 20]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resize {
    /// The height and width; or the length of the shorter side alone, which keeps the shape; or null, where
    /// `max_size` says it all. No default, as in PyTorch.
    #[serde(deserialize_with = "Option::deserialize")]
    pub size: Option<ResizeTo>,
    /// How values between pixels are found. Default: bilinear.
    #[serde(default = "written::bilinear")]
    pub interpolation: Interpolation,
    /// The most that the longer side may have, where `size` is the shorter. Default: no limit.
    #[serde(default)]
    pub max_size: Option<i64>,
    /// Whether bilinear and bicubic look at all the pixels that shrink into one. Default: true.
    #[serde(default = "written::yes")]
    pub antialias: bool,
}

/// What [`Resize`] scales to: in JSON a number, or `[height, width]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub enum ResizeTo {
    /// The length of the shorter side.
    ShorterSide(i64),
    /// Height and width.
    Size(ImageSize),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a whole number, or a list of 1 or 2 of them")]
enum Written {
    Side(i64),
    One([i64; 1]),
    Two([i64; 2]),
}

impl From<Written> for ResizeTo {
    fn from(written: Written) -> Self {
        match written {
            Written::Side(side) | Written::One([side]) => Self::ShorterSide(side),
            Written::Two(size) => Self::Size(size.into()),
        }
    }
}

impl From<ResizeTo> for Written {
    fn from(to: ResizeTo) -> Self {
        match to {
            ResizeTo::ShorterSide(side) => Self::Side(side),
            ResizeTo::Size(size) => Self::Two(size.into()),
        }
    }
}

impl From<i64> for ResizeTo {
    fn from(side: i64) -> Self {
        Self::ShorterSide(side)
    }
}

impl From<[i64; 2]> for ResizeTo {
    fn from(size: [i64; 2]) -> Self {
        Self::Size(size.into())
    }
}

impl Resize {
    /// Bilinear scaling, with antialiasing.
    #[must_use]
    pub fn new(size: impl Into<ResizeTo>) -> Self {
        Self {
            size: Some(size.into()),
            interpolation: Interpolation::Bilinear,
            max_size: None,
            antialias: true,
        }
    }

    /// What images of this size come out as.
    fn size(&self, frame: Frame) -> ImageSize {
        let (short, long) = (frame.height.min(frame.width), frame.height.max(frame.width));
        let scaled = |by: i64, side: i64, of: i64| (by as f64 * side as f64 / of as f64) as i64;
        let (new_short, new_long) = match (self.size, self.max_size) {
            (Some(ResizeTo::Size(size)), _) => return size,
            (Some(ResizeTo::ShorterSide(side)), most) => {
                let new_long = scaled(side, long, short);
                match most {
                    Some(most) if new_long > most => (scaled(most, side, new_long), most),
                    _ => (side, new_long),
                }
            }
            (None, most) => {
                let most = most.unwrap_or(long);
                (scaled(most, short, long), most)
            }
        };
        if frame.width <= frame.height {
            ImageSize { height: new_long, width: new_short }
        } else {
            ImageSize { height: new_short, width: new_long }
        }
    }
}

impl Apply for Resize {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let size = self.size(Frame::of("Resize", images)?);
        size.check("Resize.size")?;
        functional::resize(images, size, self.interpolation, self.antialias)
    }

    fn validate(&self) -> Result<()> {
        match (self.size, self.max_size) {
            (Some(ResizeTo::Size(_)), Some(most)) => {
                Err(Error::option("Resize.max_size", "null where size is [height, width]", most))
            }
            (Some(ResizeTo::Size(size)), None) => size.check("Resize.size"),
            (Some(ResizeTo::ShorterSide(side)), most) => {
                // The longer side is not known yet.
                ImageSize::from([side, 1]).check("Resize.size")?;
                limits::at_least("Resize.max_size", most.unwrap_or(i64::MAX), side + 1)
            }
            (None, Some(most)) => limits::at_least("Resize.max_size", most, 1),
            (None, None) => Err(Error::option("Resize.max_size", "a number where size is null", "null")),
        }
    }
}
