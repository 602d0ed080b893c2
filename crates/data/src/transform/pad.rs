use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::written;
use crate::{Apply, Draws, Fill, Padding, PaddingMode, Result, functional};

/// Puts a border around each image; torchvision's `Pad`.
///
/// # Shapes
///
/// `[N, C, H, W]` to `[N, C, top + H + bottom, left + W + right]`.
///
/// ```
/// use selvedge_data::{Apply, Pad, PaddingMode};
/// use tch::Tensor;
///
/// let pad = Pad { padding_mode: PaddingMode::Reflect, ..Pad::new([2, 0, 1, 0]) };
/// let padded = pad.apply(&Tensor::from_slice(&[1_u8, 2, 3]).view([1, 1, 1, 3]))?;
/// assert_eq!(padded.view(-1), Tensor::from_slice(&[3_u8, 2, 1, 2, 3, 2]));
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pad {
    /// How much. No default, as in PyTorch.
    pub padding: Padding,
    /// What a constant border shows. Default: 0, which null stands for as well.
    #[serde(default, deserialize_with = "written::fill_or_black")]
    pub fill: Fill,
    /// What the border shows. Default: constant.
    #[serde(default)]
    pub padding_mode: PaddingMode,
}

impl Pad {
    /// A black border of this width.
    #[must_use]
    pub fn new(padding: impl Into<Padding>) -> Self {
        Self { padding: padding.into(), fill: Fill::default(), padding_mode: PaddingMode::default() }
    }
}

impl Apply for Pad {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        functional::pad(images, self.padding, &self.fill, self.padding_mode)
    }

    fn validate(&self) -> Result<()> {
        self.padding.check("Pad.padding")
    }
}
