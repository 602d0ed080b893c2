use serde::{Deserialize, Serialize};

use crate::repr::python::Python;
use crate::{ConvPadding, Dims, NnError, PaddingMode};

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
