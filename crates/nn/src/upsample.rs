use std::fmt;

use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::repr::python::Python;
use crate::{Forward, Mode, Module, functional, observe};

/// Resamples sequences, images or volumes to a size or by a scale; PyTorch's `Upsample`.
///
/// # Shapes
///
/// From `[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]` to the same with other trailing lengths.
///
/// Differs from PyTorch: `size` and `scale_factor` are one field, since exactly one of them is given, and
/// `align_corners` belongs to the modes that have corners to align.
///
/// ```
/// use selvedge_nn::{Forward, Mode, Upsample, UpsampleMode, UpsampleTo};
/// use tch::{Device, Kind, Tensor};
///
/// let layer = Upsample {
///     mode: UpsampleMode::Bilinear { align_corners: false },
///     ..Upsample::new(UpsampleTo::Scale(2.0))
/// };
/// let image = Tensor::rand([1, 3, 14, 14], (Kind::Float, Device::Cpu));
/// assert_eq!(layer.forward(&image, Mode::Eval).size(), [1, 3, 28, 28]);
/// assert_eq!(layer.to_string(), "Upsample(scale_factor=2.0, mode='bilinear')");
/// ```
#[derive(Debug, Clone, PartialEq, Module, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[module(extra_repr)]
pub struct Upsample {
    /// The size of the output, or its ratio to the input; PyTorch's `size` and `scale_factor`.
    #[module(skip)]
    pub to: UpsampleTo,
    /// How the values between the pixels are found. Default: [`UpsampleMode::Nearest`]
    #[serde(default)]
    #[module(skip)]
    pub mode: UpsampleMode,
    /// Whether positions are computed from the two lengths rather than from the scale. Default: false
    #[serde(default)]
    #[module(skip)]
    pub recompute_scale_factor: bool,
}

/// The size of the output, or its ratio to the input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpsampleTo {
    /// The same length in each trailing dimension.
    Size(i64),
    /// A length for each trailing dimension.
    Sizes(Vec<i64>),
    /// The same ratio in each trailing dimension.
    Scale(f64),
    /// A ratio for each trailing dimension.
    Scales(Vec<f64>),
}

/// How the values between the pixels are found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpsampleMode {
    /// The nearest pixel below, for inputs of 3, 4 or 5 dimensions.
    #[default]
    Nearest,
    /// Linear, for inputs of 3 dimensions.
    Linear {
        /// Whether the corners of input and output are the same points. PyTorch's default: false
        align_corners: bool,
    },
    /// Linear in two directions, for inputs of 4 dimensions.
    Bilinear {
        /// Whether the corners of input and output are the same points. PyTorch's default: false
        align_corners: bool,
    },
    /// Cubic in two directions, for inputs of 4 dimensions.
    Bicubic {
        /// Whether the corners of input and output are the same points. PyTorch's default: false
        align_corners: bool,
    },
    /// Linear in three directions, for inputs of 5 dimensions.
    Trilinear {
        /// Whether the corners of input and output are the same points. PyTorch's default: false
        align_corners: bool,
    },
}

impl Upsample {
    /// Resamples to `to` by the nearest pixel.
    #[must_use]
    pub fn new(to: UpsampleTo) -> Self {
        Self { to, mode: UpsampleMode::default(), recompute_scale_factor: false }
    }

    fn extra_repr(&self) -> String {
        let to = match &self.to {
            UpsampleTo::Size(size) => format!("size={}", size.python()),
            UpsampleTo::Sizes(sizes) => format!("size={}", sizes.python()),
            UpsampleTo::Scale(scale) => format!("scale_factor={}", scale.python()),
            UpsampleTo::Scales(scales) => format!("scale_factor={}", scales.python()),
        };
        format!("{to}, mode='{}'", self.mode)
    }
}

impl Forward for Upsample {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        observe(self, functional::interpolate(input, &self.to, self.mode, self.recompute_scale_factor))
    }
}

impl UpsampleTo {
    /// The length of each trailing dimension of the output, and its scale where that was what was given.
    #[track_caller]
    pub(crate) fn resolve(&self, lengths: &[i64]) -> (Vec<i64>, Vec<Option<f64>>) {
        let scaled = |scales: &[f64]| {
            let sizes = lengths.iter().zip(scales).map(|(&length, scale)| (length as f64 * scale) as i64);
            (sizes.collect(), scales.iter().copied().map(Some).collect())
        };
        let (sizes, scales): (Vec<i64>, Vec<Option<f64>>) = match self {
            Self::Size(size) => (vec![*size; lengths.len()], vec![None; lengths.len()]),
            Self::Sizes(sizes) => (sizes.clone(), vec![None; sizes.len()]),
            Self::Scale(scale) => scaled(&vec![*scale; lengths.len()]),
            Self::Scales(scales) => scaled(scales),
        };
        assert!(
            scales.len() == lengths.len(),
            "interpolate: expected a size or scale for each of the trailing dimensions {lengths:?}, found {self:?}"
        );
        (sizes, scales)
    }
}

impl UpsampleMode {
    /// The numbers of dimensions of an input.
    pub(crate) fn dims(self) -> &'static [usize] {
        match self {
            Self::Nearest => &[3, 4, 5],
            Self::Linear { .. } => &[3],
            Self::Bilinear { .. } | Self::Bicubic { .. } => &[4],
            Self::Trilinear { .. } => &[5],
        }
    }
}

/// PyTorch's name of the mode.
impl fmt::Display for UpsampleMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nearest => "nearest",
            Self::Linear { .. } => "linear",
            Self::Bilinear { .. } => "bilinear",
            Self::Bicubic { .. } => "bicubic",
            Self::Trilinear { .. } => "trilinear",
        })
    }
}
