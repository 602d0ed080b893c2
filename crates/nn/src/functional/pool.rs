use tch::Tensor;

use crate::misuse;

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
    let output = match N {
        1 => input.f_max_pool1d(kernel_size, stride, padding, dilation, ceil_mode),
        2 => input.f_max_pool2d(kernel_size, stride, padding, dilation, ceil_mode),
        3 => input.f_max_pool3d(kernel_size, stride, padding, dilation, ceil_mode),
        _ => panic!("max_pool: expected 1, 2 or 3 dimensions, found {N}"),
    };
    misuse::torch("max_pool", input, output)
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
    let output = match N {
        1 => input.f_max_pool1d_with_indices(kernel_size, stride, padding, dilation, ceil_mode),
        2 => input.f_max_pool2d_with_indices(kernel_size, stride, padding, dilation, ceil_mode),
        3 => input.f_max_pool3d_with_indices(kernel_size, stride, padding, dilation, ceil_mode),
        _ => panic!("max_pool: expected 1, 2 or 3 dimensions, found {N}"),
    };
    misuse::torch("max_pool", input, output)
}
