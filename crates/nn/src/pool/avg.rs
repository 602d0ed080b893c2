use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::repr::python::Python;
use crate::{Dims, Forward, Mode, Module, functional, misuse, observe};

/// The mean of each window of a signal (`N` = 1), an image (2) or a volume (3), usually by the names
/// [`AvgPool1d`], [`AvgPool2d`] and [`AvgPool3d`].
///
/// PyTorch: `torch.nn.AvgPool1d`, `AvgPool2d`, `AvgPool3d`.
///
/// # Shapes
///
/// From `[batch, channels, sizes..]` or `[channels, sizes..]` to the same with sizes of
/// `⌊(size + 2 · padding - kernel) / stride⌋ + 1`, or `⌈..⌉` with `ceil_mode`.
///
/// ```
/// use selvedge_nn::{AvgPool2d, Forward, Mode};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::randn([64, 16, 28, 28], (Kind::Float, Device::Cpu));
/// assert_eq!(AvgPool2d::new(2).forward(&images, Mode::Eval).size(), [64, 16, 14, 14]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Module)]
#[serde(deny_unknown_fields)]
#[module(name = Self::NAME, extra_repr)]
pub struct AvgPool<const N: usize> {
    /// The size of a window.
    #[module(skip)]
    pub kernel_size: Dims<N>,
    /// The step between windows. Default `None`: the kernel's size.
    #[serde(default)]
    #[module(skip)]
    pub stride: Option<Dims<N>>,
    /// The number of zeros put around the input. Default 0.
    #[serde(default = "zero")]
    #[module(skip)]
    pub padding: Dims<N>,
    /// Whether a window may hang over the end. Default `false`.
    #[serde(default)]
    #[module(skip)]
    pub ceil_mode: bool,
    /// Whether the zeros of the padding count in the mean. Default `true`.
    #[serde(default = "yes")]
    #[module(skip)]
    pub count_include_pad: bool,
    /// What the sum is divided by, instead of the number of values; PyTorch does not have it for `N` = 1. Default
    /// `None`.
    #[serde(default)]
    #[module(skip)]
    pub divisor_override: Option<i64>,
}

/// An [`AvgPool`] over signals, `[batch, channels, length]`.
pub type AvgPool1d = AvgPool<1>;
/// An [`AvgPool`] over images, `[batch, channels, height, width]`.
pub type AvgPool2d = AvgPool<2>;
/// An [`AvgPool`] over volumes, `[batch, channels, depth, height, width]`.
pub type AvgPool3d = AvgPool<3>;

fn zero<const N: usize>() -> Dims<N> {
    Dims::All(0)
}

fn yes() -> bool {
    true
}

impl<const N: usize> AvgPool<N> {
    const NAME: &'static str = ["AvgPool1d", "AvgPool2d", "AvgPool3d"][N - 1];

    /// A pool of windows side by side.
    #[must_use]
    pub fn new(kernel_size: impl Into<Dims<N>>) -> Self {
        Self {
            kernel_size: kernel_size.into(),
            stride: None,
            padding: zero(),
            ceil_mode: false,
            count_include_pad: true,
            divisor_override: None,
        }
    }

    fn extra_repr(&self) -> String {
        let sizes = [self.kernel_size, self.stride.unwrap_or(self.kernel_size), self.padding];
        // PyTorch makes tuples of them in one dimension only.
        let written = |size: Dims<N>| if N == 1 { size.to_array().python() } else { size.python() };
        let [kernel_size, stride, padding] = sizes.map(written);
        format!("kernel_size={kernel_size}, stride={stride}, padding={padding}")
    }
}

impl<const N: usize> Forward for AvgPool<N> {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        misuse::planes::<N>(self, input);
        let output = functional::avg_pool(
            input,
            self.kernel_size.to_array(),
            self.stride.unwrap_or(self.kernel_size).to_array(),
            self.padding.to_array(),
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        );
        observe(self, output)
    }
}
