use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::PaddingMode;
use super::options::{at_least, sizes};
use super::text::Text;
use crate::repr::python::Python;
use crate::summary::{observe_products, products};
use crate::{Dims, Forward, Mode, Module, NnError, functional, misuse, parameter};

/// A transposed convolution over a signal (`N` = 1), an image (2) or a volume (3), usually by the names
/// [`ConvTranspose1d`], [`ConvTranspose2d`] and [`ConvTranspose3d`].
///
/// It is the gradient of a [`Conv`](crate::Conv) with respect to its input: each input value adds the kernel,
/// scaled by it, to the output. The weight and the bias are drawn from U(-1/√fan, 1/√fan), where fan is the number
/// of values of one input channel's weight. PyTorch: `torch.nn.ConvTranspose1d`, `ConvTranspose2d`,
/// `ConvTranspose3d`.
///
/// # Shapes
///
/// From `[batch, in_channels, sizes..]` or `[in_channels, sizes..]` to the same with `out_channels` and sizes of
/// `(size - 1) · stride - 2 · padding + dilation · (kernel - 1) + output_padding + 1`.
///
/// ```
/// use selvedge_nn::{ConvTranspose2d, ConvTransposeOptions, Forward, Mode, NnError};
/// use tch::{Device, Kind, Tensor};
///
/// let options = ConvTransposeOptions { stride: 2.into(), ..ConvTransposeOptions::default() };
/// let layer = ConvTranspose2d::with(16, 1, 2, options)?;
/// let images = Tensor::randn([64, 16, 14, 14], (Kind::Float, Device::Cpu));
/// assert_eq!(layer.forward(&images, Mode::Eval).size(), [64, 1, 28, 28]);
/// # Ok::<(), NnError>(())
/// ```
#[derive(Debug, Module)]
#[module(name = Self::NAME, extra_repr)]
pub struct ConvTranspose<const N: usize> {
    /// Shape `[in_channels, out_channels / groups, kernel..]`.
    #[module(parameter)]
    pub weight: Tensor,
    /// Shape `[out_channels]`.
    #[module(parameter)]
    pub bias: Option<Tensor>,
    #[module(skip)]
    options: ConvTransposeOptions<N>,
}

/// A [`ConvTranspose`] over signals, `[batch, channels, length]`.
pub type ConvTranspose1d = ConvTranspose<1>;
/// A [`ConvTranspose`] over images, `[batch, channels, height, width]`.
pub type ConvTranspose2d = ConvTranspose<2>;
/// A [`ConvTranspose`] over volumes, `[batch, channels, depth, height, width]`.
pub type ConvTranspose3d = ConvTranspose<3>;

/// The options of [`ConvTranspose`].
///
/// Differs from PyTorch: no `padding_mode`, which has to be `zeros` there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, bound = "")]
pub struct ConvTransposeOptions<const N: usize> {
    /// The distance between the kernels of neighbouring inputs. Default 1.
    pub stride: Dims<N>,
    /// What is cut off both sides of the output. Default 0.
    pub padding: Dims<N>,
    /// What is added to one side of the output. Default 0.
    pub output_padding: Dims<N>,
    /// The channels are cut into that many groups, each convolved on its own. Default 1.
    pub groups: i64,
    /// Whether the layer has a bias. Default `true`.
    pub bias: bool,
    /// The distance between the outputs that neighbouring kernel values meet. Default 1.
    pub dilation: Dims<N>,
}

impl<const N: usize> Default for ConvTransposeOptions<N> {
    fn default() -> Self {
        Self {
            stride: Dims::All(1),
            padding: Dims::All(0),
            output_padding: Dims::All(0),
            groups: 1,
            bias: true,
            dilation: Dims::All(1),
        }
    }
}

impl<const N: usize> ConvTranspose<N> {
    const NAME: &'static str = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"][N - 1];

    /// A layer of stride 1, without padding, with a bias.
    ///
    /// # Panics
    ///
    /// When a size is not positive.
    #[must_use]
    #[track_caller]
    pub fn new(in_channels: i64, out_channels: i64, kernel_size: impl Into<Dims<N>>) -> Self {
        Self::with(in_channels, out_channels, kernel_size, ConvTransposeOptions::default())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// A layer with options.
    ///
    /// # Errors
    ///
    /// When a size is not positive, the groups do not divide the channels, or an output padding is neither below
    /// the stride nor below the dilation.
    pub fn with(
        in_channels: i64,
        out_channels: i64,
        kernel_size: impl Into<Dims<N>>,
        options: ConvTransposeOptions<N>,
    ) -> Result<Self, NnError> {
        let kernel_size = kernel_size.into().to_array();
        sizes(Self::NAME, in_channels, out_channels, options.groups)?;
        at_least(Self::NAME, "kernel_size", kernel_size, 1)?;
        let [stride, padding, output_padding, dilation] = options.sizes();
        at_least(Self::NAME, "stride", stride, 1)?;
        at_least(Self::NAME, "padding", padding, 0)?;
        at_least(Self::NAME, "output_padding", output_padding, 0)?;
        at_least(Self::NAME, "dilation", dilation, 1)?;
        if (0..N).any(|dim| output_padding[dim] >= stride[dim].max(dilation[dim])) {
            let expected = "less than the stride or the dilation";
            return Err(NnError::option(Self::NAME, "output_padding", expected, output_padding.python()));
        }
        let mut size = vec![in_channels, out_channels / options.groups];
        size.extend(kernel_size);
        let weight = parameter::weight(&size);
        let bias = options.bias.then(|| parameter::bias(out_channels, &size));
        Ok(Self { weight, bias, options })
    }

    /// The options the layer was made with.
    #[must_use]
    pub fn options(&self) -> &ConvTransposeOptions<N> {
        &self.options
    }

    /// The output of that size, where several sizes have the input's under a [`Conv`](crate::Conv) of the same
    /// options; PyTorch's `output_size` of `forward`.
    ///
    /// # Panics
    ///
    /// When no output padding leads to that size.
    #[track_caller]
    pub fn forward_to_size(&self, input: &Tensor, output_size: [i64; N]) -> Tensor {
        misuse::channels::<N>(self, self.weight.size()[0], input);
        let [stride, padding, _, dilation] = self.options.sizes();
        let (size, kernel_size) = (input.size(), &self.weight.size()[2..]);
        let size = &size[size.len() - N..];
        let output_padding: [i64; N] = std::array::from_fn(|dim| {
            let least =
                (size[dim] - 1) * stride[dim] - 2 * padding[dim] + dilation[dim] * (kernel_size[dim] - 1) + 1;
            let (found, most) = (output_size[dim], least + stride[dim] - 1);
            assert!(
                (least..=most).contains(&found),
                "{self}: expected an output size from {least} to {most} in dimension {dim}, found {found}"
            );
            found - least
        });
        self.run(input, output_padding)
    }

    #[track_caller]
    fn run(&self, input: &Tensor, output_padding: [i64; N]) -> Tensor {
        let [stride, padding, _, dilation] = self.options.sizes();
        let (weight, bias) = (&self.weight, self.bias.as_ref());
        let groups = self.options.groups;
        let output = functional::conv_transpose(
            input,
            weight,
            bias,
            stride,
            padding,
            output_padding,
            groups,
            dilation,
        );
        observe_products(self, output, |_| products(weight, input))
    }

    fn extra_repr(&self) -> String {
        let size = self.weight.size();
        let [stride, padding, output_padding, dilation] = self.options.sizes();
        let groups = self.options.groups;
        Text {
            channels: [size[0], size[1] * groups],
            kernel_size: &size[2..],
            stride,
            padding: (padding != [0; N]).then(|| padding.python()),
            dilation,
            output_padding,
            groups,
            bias: self.options.bias,
            padding_mode: PaddingMode::Zeros,
        }
        .to_string()
    }
}

impl<const N: usize> ConvTransposeOptions<N> {
    /// Stride, padding, output padding and dilation.
    fn sizes(&self) -> [[i64; N]; 4] {
        [self.stride, self.padding, self.output_padding, self.dilation].map(Dims::to_array)
    }
}

impl<const N: usize> Forward for ConvTranspose<N> {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        misuse::channels::<N>(self, self.weight.size()[0], input);
        self.run(input, self.options.output_padding.to_array())
    }
}
