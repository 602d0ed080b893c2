use tch::Tensor;

use crate::misuse;

/// The convolution of a signal (`N` = 1), an image (2) or a volume (3) with a weight.
///
/// PyTorch: `torch.nn.functional.conv1d`, `conv2d`, `conv3d`.
///
/// # Shapes
///
/// `input` `[batch, in, sizes..]` or `[in, sizes..]`, `weight` `[out, in / groups, kernel..]`, `bias` `[out]`;
/// the output is `[batch, out, sizes..]`, without `batch` where the input has none, and each size is
/// `⌊(size + 2 · padding - dilation · (kernel - 1) - 1) / stride⌋ + 1`.
///
/// # Panics
///
/// When the shapes or kinds do not fit.
#[track_caller]
pub fn conv<const N: usize>(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: [i64; N],
    padding: [i64; N],
    dilation: [i64; N],
    groups: i64,
) -> Tensor {
    batched(input, N, |input| {
        let output = input.f_convolution(weight, bias, stride, padding, dilation, false, [0; N], groups);
        misuse::torch("conv", input, output)
    })
}

/// A [`conv`] of stride 1 that pads with zeros, so that the sizes stay; PyTorch's `padding='same'`.
///
/// # Panics
///
/// When the shapes or kinds do not fit.
#[track_caller]
pub fn conv_same<const N: usize>(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    dilation: [i64; N],
    groups: i64,
) -> Tensor {
    batched(input, N, |input| {
        let output = input.f_internal_convolution_mode(weight, bias, [1; N], "same", dilation, groups);
        misuse::torch("conv", input, output)
    })
}

/// The transposed convolution of a signal (`N` = 1), an image (2) or a volume (3) with a weight.
///
/// PyTorch: `torch.nn.functional.conv_transpose1d`, `conv_transpose2d`, `conv_transpose3d`.
///
/// # Shapes
///
/// `input` `[batch, in, sizes..]` or `[in, sizes..]`, `weight` `[in, out / groups, kernel..]`, `bias` `[out]`;
/// the output is `[batch, out, sizes..]`, without `batch` where the input has none, and each size is
/// `(size - 1) · stride - 2 · padding + dilation · (kernel - 1) + output_padding + 1`.
///
/// # Panics
///
/// When the shapes or kinds do not fit.
#[expect(clippy::too_many_arguments, reason = "they are PyTorch's")]
#[track_caller]
pub fn conv_transpose<const N: usize>(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: [i64; N],
    padding: [i64; N],
    output_padding: [i64; N],
    groups: i64,
    dilation: [i64; N],
) -> Tensor {
    batched(input, N, |input| {
        let output =
            input.f_convolution(weight, bias, stride, padding, dilation, true, output_padding, groups);
        misuse::torch("conv_transpose", input, output)
    })
}

/// Runs `f` on the input with a batch dimension, which the output loses where the input had none.
#[track_caller]
fn batched(input: &Tensor, dims: usize, f: impl FnOnce(&Tensor) -> Tensor) -> Tensor {
    if input.dim() == dims + 1 { f(&input.unsqueeze(0)).squeeze_dim(0) } else { f(input) }
}
