use tch::Tensor;

use self::text::Text;
use crate::plan::{Chain, Refusal};
use crate::summary::{observe_products, products};
use crate::{Dims, Forward, Mode, Module, NnError, functional, misuse, parameter};

mod options;
mod padding;
mod stage;
mod text;
mod transpose;

pub use options::ConvOptions;
pub use padding::{ConvPadding, PaddingMode};
pub use transpose::{ConvTranspose, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d, ConvTransposeOptions};

/// A convolution over a signal (`N` = 1), an image (2) or a volume (3), usually by the names [`Conv1d`],
/// [`Conv2d`] and [`Conv3d`].
///
/// Each output channel is the sum, over the input channels of its group, of their cross-correlation with a
/// kernel, plus a bias. The weight and the bias are drawn from U(-1/√fan, 1/√fan), where fan is the number of
/// values of one output channel's weight. PyTorch: `torch.nn.Conv1d`, `Conv2d`, `Conv3d`.
///
/// # Shapes
///
/// From `[batch, in_channels, sizes..]` or `[in_channels, sizes..]` to the same with `out_channels` and sizes of
/// `⌊(size + 2 · padding - dilation · (kernel - 1) - 1) / stride⌋ + 1`.
///
/// ```
/// use selvedge_nn::{Conv2d, ConvOptions, Forward, Mode, NnError};
/// use tch::{Device, Kind, Tensor};
///
/// let layer = Conv2d::with(1, 16, 3, ConvOptions { padding: 1.into(), ..ConvOptions::default() })?;
/// assert_eq!(layer.to_string(), "Conv2d(1, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))");
/// let images = Tensor::randn([64, 1, 28, 28], (Kind::Float, Device::Cpu));
/// assert_eq!(layer.forward(&images, Mode::Eval).size(), [64, 16, 28, 28]);
/// # Ok::<(), NnError>(())
/// ```
#[derive(Debug, Module)]
#[module(name = Self::NAME, extra_repr)]
pub struct Conv<const N: usize> {
    /// Shape `[out_channels, in_channels / groups, kernel..]`.
    #[module(parameter)]
    pub weight: Tensor,
    /// Shape `[out_channels]`.
    #[module(parameter)]
    pub bias: Option<Tensor>,
    #[module(skip)]
    options: ConvOptions<N>,
}

/// A [`Conv`] over signals, `[batch, channels, length]`.
pub type Conv1d = Conv<1>;
/// A [`Conv`] over images, `[batch, channels, height, width]`.
pub type Conv2d = Conv<2>;
/// A [`Conv`] over volumes, `[batch, channels, depth, height, width]`.
pub type Conv3d = Conv<3>;

impl<const N: usize> Conv<N> {
    const NAME: &'static str = ["Conv1d", "Conv2d", "Conv3d"][N - 1];

    /// A layer of stride 1, without padding, with a bias.
    ///
    /// # Panics
    ///
    /// When a size is not positive.
    #[must_use]
    #[track_caller]
    pub fn new(in_channels: i64, out_channels: i64, kernel_size: impl Into<Dims<N>>) -> Self {
        Self::with(in_channels, out_channels, kernel_size, ConvOptions::default())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// A layer with options.
    ///
    /// # Errors
    ///
    /// When a size is not positive, the groups do not divide the channels, or a padding and a stride or a
    /// padding mode exclude each other.
    pub fn with(
        in_channels: i64,
        out_channels: i64,
        kernel_size: impl Into<Dims<N>>,
        options: ConvOptions<N>,
    ) -> Result<Self, NnError> {
        let kernel_size = kernel_size.into().to_array();
        options.check(Self::NAME, in_channels, out_channels, kernel_size)?;
        let mut size = vec![out_channels, in_channels / options.groups];
        size.extend(kernel_size);
        let weight = parameter::weight(&size);
        let bias = options.bias.then(|| parameter::bias(out_channels, &size));
        Ok(Self { weight, bias, options })
    }

    /// The options the layer was made with.
    #[must_use]
    pub fn options(&self) -> &ConvOptions<N> {
        &self.options
    }

    /// The number of channels of an input.
    #[must_use]
    pub fn in_channels(&self) -> i64 {
        self.weight.size()[1] * self.options.groups
    }

    /// The number of channels of the output.
    #[must_use]
    pub fn out_channels(&self) -> i64 {
        self.weight.size()[0]
    }

    fn extra_repr(&self) -> String {
        let ConvOptions { stride, padding, dilation, groups, bias, padding_mode } = self.options;
        Text {
            channels: [self.in_channels(), self.out_channels()],
            kernel_size: &self.weight.size()[2..],
            stride: stride.to_array(),
            padding: (padding.to_size() != Some([0; N])).then(|| padding.python()),
            dilation: dilation.to_array(),
            output_padding: [0; N],
            groups,
            bias,
            padding_mode,
        }
        .to_string()
    }
}

impl<const N: usize> Forward for Conv<N> {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        misuse::channels::<N>(self, self.in_channels(), input);
        let ConvOptions { stride, padding, dilation, groups, padding_mode, .. } = self.options;
        let (stride, dilation) = (stride.to_array(), dilation.to_array());
        let (weight, bias) = (&self.weight, self.bias.as_ref());
        let output = match (padding_mode, padding) {
            (PaddingMode::Zeros, ConvPadding::Same) => {
                functional::conv_same(input, weight, bias, dilation, groups)
            }
            (PaddingMode::Zeros, padding) => {
                let padding = padding.to_size().unwrap_or([0; N]);
                functional::conv(input, weight, bias, stride, padding, dilation, groups)
            }
            (mode, padding) => {
                let around = padding.around(&weight.size()[2..], dilation);
                let input = functional::pad(input, &around, mode);
                functional::conv(&input, weight, bias, stride, [0; N], dilation, groups)
            }
        };
        observe_products(self, output, |output| products(weight, output))
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        let (weight, bias) = (self.weight.shallow_clone(), self.bias.as_ref().map(Tensor::shallow_clone));
        chain.push(Self::NAME, stage::ConvStage { weight, bias, options: self.options });
        Ok(())
    }
}
