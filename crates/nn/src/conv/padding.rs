use serde::{Deserialize, Serialize};

use crate::Dims;
use crate::repr::python::Python;

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
