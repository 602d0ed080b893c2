use tch::{Device, Kind, Tensor};

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
    fn may_be_empty() {
        assert_eq!(filled([0, 4], |_: &mut [u8]| unreachable!()).size(), [0, 4]);
    }
}
