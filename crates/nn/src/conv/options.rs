use serde::{Deserialize, Serialize};

use crate::repr::python::Python;
use crate::{Dims, NnError};

/// The options of [`Conv`](crate::Conv).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, bound = "")]
pub struct ConvOptions<const N: usize> {
    /// The step of the kernel. Default 1.
    pub stride: Dims<N>,
    /// What is put around the input. Default 0.
    pub padding: ConvPadding<N>,
    /// The distance between the inputs that neighbouring kernel values meet. Default 1.
    pub dilation: Dims<N>,
    /// The channels are cut into that many groups, each convolved on its own. Default 1.
    pub groups: i64,
    /// Whether the layer has a bias. Default `true`.
    pub bias: bool,
    /// The values of the padding. Default [`PaddingMode::Zeros`].
    pub padding_mode: PaddingMode,
}

impl<const N: usize> Default for ConvOptions<N> {
    fn default() -> Self {
        Self {
            stride: Dims::All(1),
            padding: ConvPadding::Size(Dims::All(0)),
            dilation: Dims::All(1),
            groups: 1,
            bias: true,
            padding_mode: PaddingMode::Zeros,
        }
    }
}

impl<const N: usize> ConvOptions<N> {
    pub(super) fn check(
        &self,
        unit: &'static str,
        in_channels: i64,
        out_channels: i64,
        kernel_size: [i64; N],
    ) -> Result<(), NnError> {
        sizes(unit, in_channels, out_channels, self.groups)?;
        at_least(unit, "kernel_size", kernel_size, 1)?;
        at_least(unit, "stride", self.stride.to_array(), 1)?;
        at_least(unit, "dilation", self.dilation.to_array(), 1)?;
        match self.padding.to_size() {
            Some(padding) => at_least(unit, "padding", padding, 0),
            None if self.padding == ConvPadding::Same && self.stride.to_array() != [1; N] => {
                Err(NnError::option(unit, "stride", "1 with padding \"same\"", self.stride.python()))
            }
            None => Ok(()),
        }
    }

    /// What PyTorch prints of the options after the padding.
    pub(super) fn extend_repr(&self, text: &mut String) {
        let dilation = self.dilation.to_array();
        if dilation != [1; N] {
            *text += &format!(", dilation={}", dilation.python());
        }
        if self.groups != 1 {
            *text += &format!(", groups={}", self.groups);
        }
        if !self.bias {
            *text += ", bias=False";
        }
        if self.padding_mode != PaddingMode::Zeros {
            *text += &format!(", padding_mode={}", self.padding_mode.name());
        }
    }
}

/// Refuses groups that do not divide the channels.
pub(super) fn sizes(
    unit: &'static str,
    in_channels: i64,
    out_channels: i64,
    groups: i64,
) -> Result<(), NnError> {
    at_least(unit, "in_channels", [in_channels], 1)?;
    at_least(unit, "out_channels", [out_channels], 1)?;
    at_least(unit, "groups", [groups], 1)?;
    if in_channels % groups != 0 || out_channels % groups != 0 {
        let expected = format!("a divisor of {in_channels} and {out_channels}, the channels");
        return Err(NnError::option(unit, "groups", expected, groups));
    }
    Ok(())
}

/// Refuses a size below `least`.
pub(super) fn at_least<const N: usize>(
    unit: &'static str,
    option: &'static str,
    found: [i64; N],
    least: i64,
) -> Result<(), NnError> {
    match found.iter().find(|&&size| size < least) {
        Some(size) => Err(NnError::option(unit, option, format!("at least {least}"), size)),
        None => Ok(()),
    }
}

/// What a [`Conv`](crate::Conv) puts around its input; in a configuration file a size, or `"same"`, or
/// `"valid"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written<N>", into = "Written<N>")]
pub enum ConvPadding<const N: usize> {
    /// That many values on both sides of each dimension.
    Size(Dims<N>),
    /// As many as keep the sizes; needs a stride of 1.
    Same,
    /// None.
    Valid,
}

impl<const N: usize> ConvPadding<N> {
    /// The size, where one is given.
    pub(super) fn to_size(self) -> Option<[i64; N]> {
        match self {
            Self::Size(size) => Some(size.to_array()),
            Self::Same | Self::Valid => None,
        }
    }

    /// The number of values before and after each dimension, the last dimension first.
    pub(super) fn around(self, kernel_size: &[i64], dilation: [i64; N]) -> Vec<i64> {
        let both = |dim: usize| match self {
            Self::Size(size) => [size.to_array()[dim]; 2],
            Self::Valid => [0, 0],
            Self::Same => {
                let total = dilation[dim] * (kernel_size[dim] - 1);
                [total / 2, total - total / 2]
            }
        };
        (0..N).rev().flat_map(both).collect()
    }

    pub(super) fn python(self) -> String {
        match self {
            Self::Size(size) => size.to_array().python(),
            Self::Same => "same".to_owned(),
            Self::Valid => "valid".to_owned(),
        }
    }
}

impl<const N: usize> From<i64> for ConvPadding<N> {
    fn from(size: i64) -> Self {
        Self::Size(size.into())
    }
}

impl<const N: usize> From<[i64; N]> for ConvPadding<N> {
    fn from(sizes: [i64; N]) -> Self {
        Self::Size(sizes.into())
    }
}

/// How a [`ConvPadding`] is written.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a size, \"same\" or \"valid\"")]
enum Written<const N: usize> {
    Size(Dims<N>),
    Named(Named),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Named {
    Same,
    Valid,
}

impl<const N: usize> From<Written<N>> for ConvPadding<N> {
    fn from(written: Written<N>) -> Self {
        match written {
            Written::Size(size) => Self::Size(size),
            Written::Named(Named::Same) => Self::Same,
            Written::Named(Named::Valid) => Self::Valid,
        }
    }
}

impl<const N: usize> From<ConvPadding<N>> for Written<N> {
    fn from(padding: ConvPadding<N>) -> Self {
        match padding {
            ConvPadding::Size(size) => Self::Size(size),
            ConvPadding::Same => Self::Named(Named::Same),
            ConvPadding::Valid => Self::Named(Named::Valid),
        }
    }
}

/// The values that are put around an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaddingMode {
    /// Zeros.
    #[default]
    Zeros,
    /// The input mirrored at its edge, without the edge itself.
    Reflect,
    /// The value at the edge.
    Replicate,
    /// The input from its other end.
    Circular,
}

impl PaddingMode {
    /// PyTorch's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Zeros => "zeros",
            Self::Reflect => "reflect",
            Self::Replicate => "replicate",
            Self::Circular => "circular",
        }
    }
}
