use selvedge_torch::planned::Windows;
use tch::Tensor;

use crate::misuse;

/// Calls the form of an operation for `N` dimensions, 1 to 3, with the same arguments each.
macro_rules! by_dimensions {
    ($name:literal, $input:ident, [$one:ident, $two:ident, $three:ident]($($argument:expr),*)) => {{
        let output = match N {
            1 => $input.$one($($argument),*),
            2 => $input.$two($($argument),*),
            3 => $input.$three($($argument),*),
            _ => panic!("{}: expected 1, 2 or 3 dimensions, found {N}", $name),
        };
        misuse::torch($name, $input, output)
    }};
}

/// The largest value of each window of a signal (`N` = 1), an image (2) or a volume (3).
///
/// PyTorch: `torch.nn.functional.max_pool1d`, `max_pool2d`, `max_pool3d`, where `stride` is the kernel's size
/// unless given.
///
/// # Shapes
///
/// From `[batch, channels, sizes..]` or `[channels, sizes..]` to the same with smaller sizes,
/// `⌊(size + 2 · padding - dilation · (kernel - 1) - 1) / stride⌋ + 1`, or `⌈..⌉` with `ceil_mode`.
///
/// # Panics
///
/// When the shapes do not fit, or a padding is more than half of the kernel.
#[track_caller]
pub fn max_pool<const N: usize>(
    input: &Tensor,
    kernel_size: [i64; N],
    stride: [i64; N],
    padding: [i64; N],
    dilation: [i64; N],
    ceil_mode: bool,
) -> Tensor {
    if N == 2 {
        return max_pool_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode).0;
    }
    by_dimensions!(
        "max_pool",
        input,
        [f_max_pool1d, f_max_pool2d, f_max_pool3d](kernel_size, stride, padding, dilation, ceil_mode)
    )
}

/// A [`max_pool`] and, for each value, where in its plane it stood. PyTorch: `return_indices=True`.
///
/// # Panics
///
/// As [`max_pool`].
#[track_caller]
pub fn max_pool_with_indices<const N: usize>(
    input: &Tensor,
    kernel_size: [i64; N],
    stride: [i64; N],
    padding: [i64; N],
    dilation: [i64; N],
    ceil_mode: bool,
) -> (Tensor, Tensor) {
    if let Some(windows) = windows([kernel_size, stride, padding, dilation]) {
        return misuse::torch("max_pool", input, selvedge_torch::max_pool2d(input, windows, ceil_mode));
    }
    by_dimensions!(
        "max_pool",
        input,
        [f_max_pool1d_with_indices, f_max_pool2d_with_indices, f_max_pool3d_with_indices](
            kernel_size,
            stride,
            padding,
            dilation,
            ceil_mode
        )
    )
}

/// The windows of images, for which there is a kernel of our own; none where `N` is not 2.
pub(crate) fn windows<const N: usize>(sizes: [[i64; N]; 4]) -> Option<Windows> {
    let pair = |sizes: [i64; N]| <[i64; 2]>::try_from(&sizes[..]).ok();
    let [kernel_size, stride, padding, dilation] = sizes.map(pair);
    Some(Windows { kernel_size: kernel_size?, stride: stride?, padding: padding?, dilation: dilation? })
}

/// The mean of each window of a signal (`N` = 1), an image (2) or a volume (3).
///
/// The sum of a window is divided by `divisor_override`, else by the number of its values, with or without those
/// of the padding. PyTorch: `torch.nn.functional.avg_pool1d`, `avg_pool2d`, `avg_pool3d`.
///
/// # Panics
///
/// When the shapes do not fit, a padding is more than half of the kernel, or there is a divisor for `N` = 1.
#[track_caller]
pub fn avg_pool<const N: usize>(
    input: &Tensor,
    kernel_size: [i64; N],
    stride: [i64; N],
    padding: [i64; N],
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: Option<i64>,
) -> Tensor {
    assert!(N > 1 || divisor_override.is_none(), "avg_pool: there is no divisor_override for one dimension");
    let (pad, divisor) = (count_include_pad, divisor_override);
    let output = match N {
        1 => input.f_avg_pool1d(kernel_size, stride, padding, ceil_mode, pad),
        2 => input.f_avg_pool2d(kernel_size, stride, padding, ceil_mode, pad, divisor),
        3 => input.f_avg_pool3d(kernel_size, stride, padding, ceil_mode, pad, divisor),
        _ => panic!("avg_pool: expected 1, 2 or 3 dimensions, found {N}"),
    };
    misuse::torch("avg_pool", input, output)
}

/// The means of as many windows as `output_size` has places, where `None` is the input's own size.
///
/// PyTorch: `torch.nn.functional.adaptive_avg_pool1d`, `adaptive_avg_pool2d`, `adaptive_avg_pool3d`.
///
/// # Panics
///
/// When the shapes do not fit.
#[track_caller]
pub fn adaptive_avg_pool<const N: usize>(input: &Tensor, output_size: [Option<i64>; N]) -> Tensor {
    let size = open_sizes(input, output_size);
    by_dimensions!(
        "adaptive_avg_pool",
        input,
        [f_adaptive_avg_pool1d, f_adaptive_avg_pool2d, f_adaptive_avg_pool3d](size)
    )
}

/// The largest values of as many windows as `output_size` has places, where `None` is the input's own size.
///
/// PyTorch: `torch.nn.functional.adaptive_max_pool1d`, `adaptive_max_pool2d`, `adaptive_max_pool3d`.
///
/// # Panics
///
/// When the shapes do not fit.
#[track_caller]
pub fn adaptive_max_pool<const N: usize>(input: &Tensor, output_size: [Option<i64>; N]) -> Tensor {
    adaptive_max_pool_with_indices(input, output_size).0
}

/// An [`adaptive_max_pool`] and, for each value, where in its plane it stood. PyTorch: `return_indices=True`.
///
/// # Panics
///
/// When the shapes do not fit.
#[track_caller]
pub fn adaptive_max_pool_with_indices<const N: usize>(
    input: &Tensor,
    output_size: [Option<i64>; N],
) -> (Tensor, Tensor) {
    let size = open_sizes(input, output_size);
    by_dimensions!(
        "adaptive_max_pool",
        input,
        [f_adaptive_max_pool1d, f_adaptive_max_pool2d, f_adaptive_max_pool3d](size)
    )
}

/// The output size, with the input's own where it is left open.
#[track_caller]
fn open_sizes<const N: usize>(input: &Tensor, output_size: [Option<i64>; N]) -> [i64; N] {
    let size = input.size();
    assert!(size.len() > N, "adaptive pool: expected an input of more than {N} dimensions, found {size:?}");
    std::array::from_fn(|dim| output_size[dim].unwrap_or(size[size.len() - N + dim]))
}
