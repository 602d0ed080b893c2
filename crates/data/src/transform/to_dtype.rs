use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::{Apply, Draws, Result, functional};

/// The kinds of numbers that images are made of, by PyTorch's names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// Bytes, 0 to 255.
    Uint8,
    /// Half precision.
    Float16,
    /// Half precision with the range of f32.
    Bfloat16,
    /// Single precision.
    #[default]
    Float32,
    /// Double precision.
    Float64,
}

impl From<Dtype> for Kind {
    fn from(dtype: Dtype) -> Self {
        match dtype {
            Dtype::Uint8 => Self::Uint8,
            Dtype::Float16 => Self::Half,
            Dtype::Bfloat16 => Self::BFloat16,
            Dtype::Float32 => Self::Float,
            Dtype::Float64 => Self::Double,
        }
    }
}

/// Makes images of another kind of numbers; torchvision's `ToDtype`.
///
/// Differs from torchvision: images are bytes or floats, so there is no kind of wider integers and no bool. A
/// [`Lambda`](crate::Lambda) can make them of the images at the end of a chain.
///
/// # Shapes
///
/// Unchanged.
///
/// ```
/// use selvedge_data::{Apply, Dtype, ToDtype};
/// use tch::Tensor;
///
/// let to_dtype: ToDtype = serde_json::from_str(r#"{"dtype": "float32", "scale": true}"#)?;
/// assert_eq!(to_dtype, ToDtype { scale: true, ..ToDtype::new(Dtype::Float32) });
/// let images = to_dtype.apply(&Tensor::from_slice(&[255_u8]).view([1, 1, 1, 1])).unwrap();
/// assert_eq!(images.double_value(&[0, 0, 0, 0]), 1.0);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToDtype {
    /// The kind. No default, as in PyTorch.
    pub dtype: Dtype,
    /// Whether the range changes as well: 0 to 255 in bytes is 0 to 1 in floats. Default: false.
    #[serde(default)]
    pub scale: bool,
}

impl ToDtype {
    /// This kind, with the same values.
    #[must_use]
    pub fn new(dtype: Dtype) -> Self {
        Self { dtype, scale: false }
    }
}

impl Apply for ToDtype {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        functional::to_dtype(images, self.dtype.into(), self.scale)
    }

    fn is_pointwise(&self) -> bool {
        true
    }
}

/// [`ToDtype`] with its range; torchvision's `ConvertImageDtype`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConvertImageDtype {
    /// The kind. Default: float32.
    pub dtype: Dtype,
}

impl Apply for ConvertImageDtype {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        functional::to_dtype(images, self.dtype.into(), true)
    }

    fn is_pointwise(&self) -> bool {
        true
    }
}
