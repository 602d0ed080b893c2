use std::ffi::c_char;
use std::ptr;

use tch::{Device, Kind, Tensor};
use torch_sys::C_tensor;

use crate::border::check;
use crate::planned::{self, Windows};
use crate::{Result, TorchError};

/// The largest value of each window of images, `[batch, channels, height, width]` or `[channels, height, width]`, and where
/// in its plane it stands. With `ceil_mode` a window may hang over the end. Autograd follows it.
///
/// By the kernel of [`planned::max_pool2d`] where that takes the input, else by libtorch's `max_pool2d_with_indices`, with
/// the same values, places and gradients.
///
/// # Errors
///
/// When libtorch refuses the windows or the input.
///
/// ```
/// use selvedge_torch::planned::Windows;
/// use tch::{Device, Kind, Tensor};
///
/// let input = Tensor::arange(16, (Kind::Float, Device::Cpu)).view([1, 4, 4]).set_requires_grad(true);
/// let windows = Windows { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1] };
/// let (output, indices) = selvedge_torch::max_pool2d(&input, windows, false)?;
/// assert_eq!(indices.view(-1), Tensor::from_slice(&[5_i64, 7, 13, 15]));
/// output.sum(Kind::Float).backward();
/// assert_eq!(input.grad().sum(Kind::Float).double_value(&[]), 4.0);
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
pub fn max_pool2d(input: &Tensor, windows: Windows, ceil_mode: bool) -> Result<(Tensor, Tensor)> {
    let Some(size) = output_size(input, windows, ceil_mode) else {
        return by_libtorch(input, windows, ceil_mode);
    };
    let output = Tensor::empty(&size, (Kind::Float, Device::Cpu));
    let indices = Tensor::empty(&size, (Kind::Int64, Device::Cpu));
    if planned::max_pool2d(&output, &indices, input, windows).is_err() {
        return by_libtorch(input, windows, ceil_mode);
    }
    let mut recorded = ptr::null_mut();
    // SAFETY: all pointers are to tensors, numbers and a place that outlive the call.
    let message = unsafe {
        selvedge_record_max_pool2d(
            input.as_ptr(),
            output.as_ptr(),
            indices.as_ptr(),
            &raw const windows,
            ceil_mode,
            &raw mut recorded,
        )
    };
    check("max_pool2d", message)?;
    // SAFETY: without a message it is a tensor that is ours.
    Ok((unsafe { Tensor::from_ptr(recorded) }, indices))
}

fn by_libtorch(input: &Tensor, windows: Windows, ceil_mode: bool) -> Result<(Tensor, Tensor)> {
    let Windows { kernel_size, stride, padding, dilation } = windows;
    let pooled = input.f_max_pool2d_with_indices(kernel_size, stride, padding, dilation, ceil_mode);
    pooled.map_err(|error| {
        // The lines after the first are libtorch's stack.
        let message = error.to_string().lines().next().unwrap_or_default().to_owned();
        TorchError::Libtorch { operation: "max_pool2d", message }
    })
}

/// Of what libtorch takes and the kernel may take.
fn output_size(input: &Tensor, windows: Windows, ceil_mode: bool) -> Option<Vec<i64>> {
    let mut size = input.size();
    let leading = size.len().checked_sub(2).filter(|leading| [1, 2].contains(leading))?;
    if input.kind() != Kind::Float || input.device() != Device::Cpu || size.contains(&0) {
        return None;
    }
    for (index, size) in size[leading..].iter_mut().enumerate() {
        let Windows { kernel_size, stride, padding, dilation } = windows;
        let [kernel, stride, padding, dilation] =
            [kernel_size, stride, padding, dilation].map(|pair| pair[index]);
        let takes = kernel > 0 && stride > 0 && dilation > 0 && (0..=kernel / 2).contains(&padding);
        let room = (*size + 2 * padding).checked_sub(dilation.checked_mul(kernel - 1)? + 1);
        let room = room.filter(|&room| takes && room >= 0)?;
        let fits = room / stride + 1;
        // One more may hang over the end, if it begins before it.
        let hangs = ceil_mode && room % stride != 0 && fits * stride < *size + padding;
        *size = fits + i64::from(hangs);
    }
    Some(size)
}

unsafe extern "C" {
    fn selvedge_record_max_pool2d(
        input: *const C_tensor,
        output: *const C_tensor,
        indices: *const C_tensor,
        windows: *const Windows,
        ceil_mode: bool,
        recorded: *mut *mut C_tensor,
    ) -> *mut c_char;
}
