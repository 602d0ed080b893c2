use std::fmt;

use super::PaddingMode;
use crate::repr::python::Python;

/// What PyTorch prints of a convolution: the options that differ from their defaults, in its order.
pub(super) struct Text<'a, const N: usize> {
    pub(super) channels: [i64; 2],
    pub(super) kernel_size: &'a [i64],
    pub(super) stride: [i64; N],
    pub(super) padding: Option<String>,
    pub(super) dilation: [i64; N],
    pub(super) output_padding: [i64; N],
    pub(super) groups: i64,
    pub(super) bias: bool,
    pub(super) padding_mode: PaddingMode,
}

impl<const N: usize> fmt::Display for Text<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [in_channels, out_channels] = self.channels;
        let (kernel_size, stride) = (self.kernel_size.python(), self.stride.python());
        write!(f, "{in_channels}, {out_channels}, kernel_size={kernel_size}, stride={stride}")?;
        if let Some(padding) = &self.padding {
            write!(f, ", padding={padding}")?;
        }
        if self.dilation != [1; N] {
            write!(f, ", dilation={}", self.dilation.python())?;
        }
        if self.output_padding != [0; N] {
            write!(f, ", output_padding={}", self.output_padding.python())?;
        }
        if self.groups != 1 {
            write!(f, ", groups={}", self.groups)?;
        }
        if !self.bias {
            write!(f, ", bias=False")?;
        }
        if self.padding_mode != PaddingMode::Zeros {
            write!(f, ", padding_mode={}", self.padding_mode.name())?;
        }
        Ok(())
    }
}
