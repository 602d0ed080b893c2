use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::PadSizes;
use crate::repr::python;
use crate::{Forward, Mode, Module, functional, observe};

/// Puts one value around a signal (`N` = 1), an image (2) or a volume (3).
///
/// PyTorch: `torch.nn.ConstantPad1d`, `ConstantPad2d`, `ConstantPad3d`.
///
/// # Shapes
///
/// From `[.., sizes..]` to the same with each of the `N` sizes larger by the numbers before and after it.
///
/// ```
/// use selvedge_nn::{ConstantPad1d, Forward, Mode};
/// use tch::Tensor;
///
/// let output = ConstantPad1d::new([2, 1], 9.0).forward(&Tensor::from_slice(&[1.0, 2.0]), Mode::Eval);
/// assert_eq!(output, Tensor::from_slice(&[9.0, 9.0, 1.0, 2.0, 9.0]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Module)]
#[serde(deny_unknown_fields)]
#[module(name = Self::NAME, extra_repr)]
pub struct ConstantPad<const N: usize> {
    /// How many values on each side.
    #[module(skip)]
    pub padding: PadSizes<N>,
    /// The value.
    #[module(skip)]
    pub value: f64,
}

/// A [`ConstantPad`] of signals.
pub type ConstantPad1d = ConstantPad<1>;
/// A [`ConstantPad`] of images.
pub type ConstantPad2d = ConstantPad<2>;
/// A [`ConstantPad`] of volumes.
pub type ConstantPad3d = ConstantPad<3>;

impl<const N: usize> ConstantPad<N> {
    const NAME: &'static str = ["ConstantPad1d", "ConstantPad2d", "ConstantPad3d"][N - 1];

    /// A pad of that many values on all sides, or on each.
    #[must_use]
    pub fn new(padding: impl Into<PadSizes<N>>, value: f64) -> Self {
        Self { padding: padding.into(), value }
    }

    fn extra_repr(&self) -> String {
        python::arguments(&[("padding", &self.padding), ("value", &self.value)])
    }
}

impl<const N: usize> Forward for ConstantPad<N> {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        observe(self, functional::constant_pad(input, self.padding.as_slice(), self.value))
    }
}
