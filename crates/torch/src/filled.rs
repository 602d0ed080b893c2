use std::ops::Range;

use tch::{Device, Kind, Tensor};

use crate::parallel::parallel_for;

/// A new tensor on the CPU whose memory `fill` writes, without a copy or a pass that zeroes it first.
///
/// What the slice holds before it is written is unspecified.
///
/// ```
/// let tensor = selvedge_torch::filled([2, 2], |values: &mut [f32]| values.copy_from_slice(&[1.0, 2.0, 3.0, 4.0]));
/// assert_eq!(tensor.double_value(&[1, 0]), 3.0);
/// ```
pub fn filled<T: Fill>(size: impl AsRef<[i64]>, fill: impl FnOnce(&mut [T])) -> Tensor {
    let tensor = Tensor::empty(size.as_ref(), (T::KIND, Device::Cpu));
    let count = tensor.numel();
    if count > 0 {
        let data = tensor.data_ptr().cast::<T>();
        // SAFETY: the tensor is new, contiguous and on the CPU, so `data` points to `count` values of the
        // kind that belongs to `T`, aligned by libtorch's allocator, and nobody else has a handle to them
        // until this function returns. The memory comes from outside Rust and every bit pattern is a `T`.
        fill(unsafe { std::slice::from_raw_parts_mut(data, count) });
    }
    tensor
}

/// As [`filled`], but libtorch's threads share the work: `fill` writes the parts of a range, which are `part` values each
/// and one after the other in the slice. A thread takes at least `grain` parts.
///
/// A panic in `fill` ends the process.
///
/// # Panics
///
/// When the values are not whole parts.
///
/// ```
/// let tensor = selvedge_torch::filled_by_parts([3, 2], 2, 1, |parts, values: &mut [i64]| {
///     for (part, values) in parts.zip(values.chunks_exact_mut(2)) {
///         values.fill(part as i64);
///     }
/// });
/// assert_eq!(tensor, tch::Tensor::from_slice(&[0_i64, 0, 1, 1, 2, 2]).view([3, 2]));
/// ```
#[track_caller]
pub fn filled_by_parts<T: Fill>(
    size: impl AsRef<[i64]>,
    part: usize,
    grain: usize,
    fill: impl Fn(Range<usize>, &mut [T]) + Sync,
) -> Tensor {
    /// Where the values begin.
    struct Memory<T>(*mut T);
    // SAFETY: each thread has a part of its own.
    unsafe impl<T> Sync for Memory<T> {}

    filled(size, |values: &mut [T]| {
        let count = values.len();
        assert!(part > 0 && count.is_multiple_of(part), "{count} values are not whole parts of {part}");
        let memory = Memory(values.as_mut_ptr());
        let shared = parallel_for(count / part, grain, &|parts: Range<usize>| {
            let memory = &memory;
            // SAFETY: the parts lie within `values`, and no two threads are given the same.
            let values = unsafe {
                std::slice::from_raw_parts_mut(memory.0.add(parts.start * part), parts.len() * part)
            };
            fill(parts, values);
        });
        shared.unwrap_or_else(|error| panic!("{error}"));
    })
}

/// A number that a tensor can hold in memory as Rust does.
pub trait Fill: sealed::Number {
    /// The kind of the tensor.
    const KIND: Kind;
}

mod sealed {
    pub trait Number: Copy {}
}

macro_rules! fill {
    ($($number:ty => $kind:ident),*) => {$(
        impl sealed::Number for $number {}

        impl Fill for $number {
            const KIND: Kind = Kind::$kind;
        }
    )*};
}

fill!(u8 => Uint8, i64 => Int64, f32 => Float, f64 => Double);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_written() {
        let tensor = filled([3], |values: &mut [i64]| values.copy_from_slice(&[7, 8, 9]));
        assert_eq!(tensor, Tensor::from_slice(&[7_i64, 8, 9]));
    }

    #[test]
    fn each_part_is_written_once_on_any_number_of_threads() {
        for threads in 1..=4 {
            tch::set_num_threads(threads);
            for (parts, grain) in [(1, 1), (7, 1), (64, 10), (5, 100)] {
                let tensor = filled_by_parts([parts, 3], 3, grain, |range, values: &mut [i64]| {
                    assert_eq!(values.len(), 3 * range.len());
                    range.zip(values.chunks_exact_mut(3)).for_each(|(part, values)| values.fill(part as i64));
                });
                let expected = Tensor::arange(parts, (Kind::Int64, Device::Cpu)).view([-1, 1]);
                assert_eq!(tensor, expected.expand([parts, 3], false));
            }
        }
    }

    #[test]
    #[should_panic(expected = "7 values are not whole parts of 2")]
    fn parts_are_whole() {
        drop(filled_by_parts([7], 2, 1, |_, _: &mut [u8]| ()));
    }

    #[test]
    fn may_be_empty() {
        assert_eq!(filled([0, 4], |_: &mut [u8]| unreachable!()).size(), [0, 4]);
    }
}
