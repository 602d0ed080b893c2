mod stage;

use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::plan::{Chain, Refusal};
use crate::repr::python;
use crate::{Dims, Forward, Mode, Module, functional, misuse, observe};

/// The largest value of each window of a signal (`N` = 1), an image (2) or a volume (3), usually by the names
/// [`MaxPool1d`], [`MaxPool2d`] and [`MaxPool3d`].
///
/// PyTorch: `torch.nn.MaxPool1d`, `MaxPool2d`, `MaxPool3d`; its `return_indices` is
/// [`forward_with_indices`](Self::forward_with_indices).
///
/// # Shapes
///
/// From `[batch, channels, sizes..]` or `[channels, sizes..]` to the same with sizes of
/// `⌊(size + 2 · padding - dilation · (kernel - 1) - 1) / stride⌋ + 1`, or `⌈..⌉` with `ceil_mode`.
///
/// ```
/// use selvedge_nn::{Forward, MaxPool2d, Mode};
/// use tch::{Device, Kind, Tensor};
///
/// let pool = MaxPool2d { stride: Some(1.into()), ..MaxPool2d::new(2) };
/// let images = Tensor::randn([64, 16, 28, 28], (Kind::Float, Device::Cpu));
/// assert_eq!(pool.forward(&images, Mode::Eval).size(), [64, 16, 27, 27]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Module)]
#[serde(deny_unknown_fields)]
#[module(name = Self::NAME, extra_repr)]
pub struct MaxPool<const N: usize> {
    /// The size of a window.
    #[module(skip)]
    pub kernel_size: Dims<N>,
    /// The step between windows. Default `None`: the kernel's size.
    #[serde(default)]
    #[module(skip)]
    pub stride: Option<Dims<N>>,
    /// The number of values put around the input, none of which is ever the largest. Default 0.
    #[serde(default = "zero")]
    #[module(skip)]
    pub padding: Dims<N>,
    /// The distance between the values of a window. Default 1.
    #[serde(default = "one")]
    #[module(skip)]
    pub dilation: Dims<N>,
    /// Whether a window may hang over the end. Default `false`.
    #[serde(default)]
    #[module(skip)]
    pub ceil_mode: bool,
}

/// A [`MaxPool`] over signals, `[batch, channels, length]`.
pub type MaxPool1d = MaxPool<1>;
/// A [`MaxPool`] over images, `[batch, channels, height, width]`.
pub type MaxPool2d = MaxPool<2>;
/// A [`MaxPool`] over volumes, `[batch, channels, depth, height, width]`.
pub type MaxPool3d = MaxPool<3>;

fn zero<const N: usize>() -> Dims<N> {
    Dims::All(0)
}

fn one<const N: usize>() -> Dims<N> {
    Dims::All(1)
}

impl<const N: usize> MaxPool<N> {
    const NAME: &'static str = ["MaxPool1d", "MaxPool2d", "MaxPool3d"][N - 1];

    /// A pool of windows side by side.
    #[must_use]
    pub fn new(kernel_size: impl Into<Dims<N>>) -> Self {
        Self {
            kernel_size: kernel_size.into(),
            stride: None,
            padding: zero(),
            dilation: one(),
            ceil_mode: false,
        }
    }

    /// The output and, for each value, where in its plane of the input it stood.
    ///
    /// # Panics
    ///
    /// When the input has another number of dimensions.
    #[track_caller]
    pub fn forward_with_indices(&self, input: &Tensor) -> (Tensor, Tensor) {
        misuse::planes::<N>(self, input);
        let [kernel_size, stride, padding, dilation] = self.sizes();
        functional::max_pool_with_indices(input, kernel_size, stride, padding, dilation, self.ceil_mode)
    }

    fn sizes(&self) -> [[i64; N]; 4] {
        [self.kernel_size, self.stride.unwrap_or(self.kernel_size), self.padding, self.dilation]
            .map(Dims::to_array)
    }

    fn extra_repr(&self) -> String {
        python::arguments(&[
            ("kernel_size", &self.kernel_size),
            ("stride", &self.stride.unwrap_or(self.kernel_size)),
            ("padding", &self.padding),
            ("dilation", &self.dilation),
            ("ceil_mode", &self.ceil_mode),
        ])
    }
}

impl<const N: usize> Forward for MaxPool<N> {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        misuse::planes::<N>(self, input);
        let [kernel_size, stride, padding, dilation] = self.sizes();
        observe(self, functional::max_pool(input, kernel_size, stride, padding, dilation, self.ceil_mode))
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        chain.push(Self::NAME, stage::MaxPoolStage(*self));
        Ok(())
    }
}
