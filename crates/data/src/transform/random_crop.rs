use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::functional::Frame;
use crate::{Apply, Draws, Error, Fill, ImageSize, Padding, PaddingMode, Result, functional};

/// Cuts a window out of each image, at a place of its own; torchvision's `RandomCrop`.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, C, size.height, size.width]`.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, RandomCrop};
/// use tch::{Kind, Tensor, kind};
///
/// let crop = RandomCrop { padding: Some(4.into()), ..RandomCrop::new(28) };
/// let images = Tensor::zeros([64, 1, 28, 28], (Kind::Uint8, tch::Device::Cpu));
/// assert_eq!(crop.apply(&images)?.size(), [64, 1, 28, 28]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomCrop {
    /// The size of the window. No default, as in PyTorch.
    pub size: ImageSize,
    /// A border that the images get first. Default: none.
    #[serde(default)]
    pub padding: Option<Padding>,
    /// Whether images that are smaller than the window get a border on each side that makes them large
    /// enough. Default: false.
    #[serde(default)]
    pub pad_if_needed: bool,
    /// What a constant border shows. Default: 0.
    #[serde(default)]
    pub fill: Fill,
    /// What the border shows. Default: constant.
    #[serde(default)]
    pub padding_mode: PaddingMode,
}

impl RandomCrop {
    /// A crop of this size, without a border.
    #[must_use]
    pub fn new(size: impl Into<ImageSize>) -> Self {
        Self {
            size: size.into(),
            padding: None,
            pad_if_needed: false,
            fill: Fill::default(),
            padding_mode: PaddingMode::default(),
        }
    }
}

impl Apply for RandomCrop {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::of("RandomCrop", images)?;
        let ImageSize { height, width } = self.size;
        let mut padding = self.padding.unwrap_or_default();
        if self.pad_if_needed {
            // As torchvision, by the whole lack on both sides.
            let down = (height - frame.height - padding.top - padding.bottom).max(0);
            let across = (width - frame.width - padding.left - padding.right).max(0);
            padding.top += down;
            padding.bottom += down;
            padding.left += across;
            padding.right += across;
        }
        let images = functional::pad(images, padding, &self.fill, self.padding_mode)?;
        let room = Frame::of("RandomCrop", &images)?;
        let (down, across) = (room.height - height, room.width - width);
        if down < 0 || across < 0 {
            let expected = format!(
                "at most the images' {} by {} with their padding (or pad_if_needed)",
                room.height, room.width
            );
            return Err(Error::option("RandomCrop.size", expected, self.size));
        }
        let place = |end: i64, random: &mut crate::Random| random.below(end as usize + 1) as i64;
        let places: Vec<_> =
            draws.images().map(|mut random| [place(down, &mut random), place(across, &mut random)]).collect();
        functional::crop(&images, &places, self.size)
    }

    fn validate(&self) -> Result<()> {
        self.size.check("RandomCrop.size")?;
        self.padding.unwrap_or_default().check("RandomCrop.padding")
    }
}
