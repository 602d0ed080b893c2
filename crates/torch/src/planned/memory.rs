use std::ops::Range;

use tch::Tensor;

/// Whether two tensors on the CPU, of positive strides, have memory between their first and last values in common.
pub(super) fn share_memory(first: &Tensor, second: &Tensor) -> bool {
    let (first, second) = (addresses(first), addresses(second));
    first.start < second.end && second.start < first.end
}

/// From the first value to the end of the last.
fn addresses(tensor: &Tensor) -> Range<usize> {
    let start = tensor.data_ptr().addr();
    if tensor.numel() == 0 {
        return start..start;
    }
    let last: i64 = tensor.size().iter().zip(tensor.stride()).map(|(size, stride)| (size - 1) * stride).sum();
    start..start + (last as usize + 1) * tensor.kind().elt_size_in_bytes()
}
