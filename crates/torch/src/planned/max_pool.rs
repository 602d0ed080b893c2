mod plane;

use std::ops::Range;
use std::slice;

use pulp::{Simd, WithSimd};
use tch::{Device, Kind, Tensor};

use self::plane::{Axis, Windowed};

use super::memory::share_memory;
use crate::parallel::parallel_for;
use crate::{Result, TorchError};

/// The windows of a pool of images: height and width of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
// `SelvedgeWindows` of the shim.
#[repr(C)]
pub struct Windows {
    /// Their size.
    pub kernel_size: [i64; 2],
    /// The step from one to the next.
    pub stride: [i64; 2],
    /// The places around the input that belong to windows, and have no value.
    pub padding: [i64; 2],
    /// The distance between neighbours in a window.
    pub dilation: [i64; 2],
}

/// Writes the largest value of each window into `output`, and into `indices` where in its plane of `input` it stands: of
/// several the first, and of NaNs the last. All three are `[.., height, width]` without gaps, `input` and `output` of
/// f32, `indices` of i64, on the CPU.
///
/// The values and the indices are those of libtorch's `max_pool2d_with_indices`, which looks at one value after the other
/// and waits at each where it did not foresee whether it is the largest.
///
/// # Errors
///
/// Where the shapes do not go together, a window has no value, or a tensor is of another kind, elsewhere or has gaps.
///
/// ```
/// use selvedge_torch::planned::{Windows, max_pool2d};
/// use tch::{Device, Kind, Tensor};
///
/// let input = Tensor::arange(16, (Kind::Float, Device::Cpu)).view([1, 4, 4]);
/// let [output, indices] = [Kind::Float, Kind::Int64].map(|kind| Tensor::zeros([1, 2, 2], (kind, Device::Cpu)));
/// let windows = Windows { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1] };
/// max_pool2d(&output, &indices, &input, windows)?;
/// assert_eq!(output.view(-1), Tensor::from_slice(&[5.0f32, 7.0, 13.0, 15.0]));
/// assert_eq!(indices.view(-1), Tensor::from_slice(&[5_i64, 7, 13, 15]));
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
pub fn max_pool2d(output: &Tensor, indices: &Tensor, input: &Tensor, windows: Windows) -> Result<()> {
    let pool = Pool::new(output, indices, input, windows).map_err(|message| {
        let operation = "max_pool2d";
        TorchError::Libtorch { operation, message }
    })?;
    let arch = crate::arch();
    let grain = WORTH_A_THREAD / pool.windowed.work().max(1);
    parallel_for(pool.planes, grain, &|planes: Range<usize>| {
        arch.dispatch(Part { pool: &pool, planes });
    })
}

/// The planes that one thread computes.
struct Part<'a> {
    pool: &'a Pool,
    planes: Range<usize>,
}

impl WithSimd for Part<'_> {
    type Output = ();

    /// The compiler makes use of the processor's registers by itself.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for plane in self.planes {
            self.pool.pool(plane);
        }
    }
}

/// To look at so many values takes a few times as long as to wake another thread for them.
const WORTH_A_THREAD: usize = 1 << 15;

/// Tensors that have been checked.
struct Pool {
    output: *mut f32,
    indices: *mut i64,
    input: *const f32,
    planes: usize,
    windowed: Windowed,
}

// SAFETY: the threads write to planes of their own, and none of them to what they read.
unsafe impl Sync for Pool {}

impl Pool {
    fn new(output: &Tensor, indices: &Tensor, input: &Tensor, windows: Windows) -> Result<Self, String> {
        let kinds = [(output, Kind::Float), (indices, Kind::Int64), (input, Kind::Float)];
        for (tensor, kind) in kinds {
            let found = (tensor.kind(), tensor.device());
            if found != (kind, Device::Cpu) || !tensor.is_contiguous() {
                return Err(format!(
                    "expected {kind:?} without gaps on the CPU, found {:?} with strides {:?} on {:?}",
                    found.0,
                    tensor.stride(),
                    found.1
                ));
            }
        }
        let (size, output_size) = (input.size(), output.size());
        let (planes, windowed) = windowed(&size, &output_size, windows)
            .filter(|_| indices.size() == output_size)
            .ok_or_else(|| {
                let indices = indices.size();
                format!("{windows:?} of an input of {size:?} do not give {output_size:?} and indices of {indices:?}")
            })?;
        if share_memory(output, input) || share_memory(indices, input) || share_memory(indices, output) {
            return Err("two of the tensors share memory".to_owned());
        }
        Ok(Self {
            output: output.data_ptr().cast(),
            indices: indices.data_ptr().cast(),
            input: input.data_ptr().cast_const().cast(),
            planes,
            windowed,
        })
    }

    /// Every plane is one thread's.
    #[inline(always)]
    fn pool(&self, plane: usize) {
        let [inputs, outputs] = self.windowed.sizes();
        let output = self.output.wrapping_add(plane * outputs);
        let indices = self.indices.wrapping_add(plane * outputs);
        let input = self.input.wrapping_add(plane * inputs);
        // SAFETY: the planes lie one after the other without gaps, and nobody else has this one's output.
        let (output, indices, input) = unsafe {
            (
                slice::from_raw_parts_mut(output, outputs),
                slice::from_raw_parts_mut(indices, outputs),
                slice::from_raw_parts(input, inputs),
            )
        };
        self.windowed.pool(output, indices, input);
    }
}

/// The number of planes, and what is done with each, where the sizes are those of such windows.
fn windowed(size: &[i64], output_size: &[i64], windows: Windows) -> Option<(usize, Windowed)> {
    let ([planes @ .., height, width], [output_planes @ .., output_height, output_width]) =
        (size, output_size)
    else {
        return None;
    };
    let Windows { kernel_size, stride, padding, dilation } = windows;
    let axis = |index: usize, size: i64, outputs: i64| {
        Axis::new([size, outputs, kernel_size[index], stride[index], padding[index], dilation[index]])
    };
    let windowed =
        Windowed { rows: axis(0, *height, *output_height)?, columns: axis(1, *width, *output_width)? };
    (planes == output_planes).then(|| (planes.iter().product::<i64>() as usize, windowed))
}
