use std::ffi::c_char;

use tch::Tensor;
use torch_sys::C_tensor;

use crate::Result;
use crate::border::check;

/// `sum ← sum + factor · addend`, and then `sum · with`, of vectors in one pass over memory: what an operation waits
/// for that is done with so little for each number. No graph is recorded.
///
/// Numbers of f32 and f64 on the CPU; others by two operations of libtorch.
///
/// # Errors
///
/// When they are not vectors of one length, kind and device.
///
/// ```
/// use tch::Tensor;
///
/// let sum = Tensor::from_slice(&[1.0f32, 2.0]);
/// let [addend, with] = [[1.0f32, -1.0], [10.0, 1.0]].map(|values| Tensor::from_slice(&values));
/// assert_eq!(selvedge_torch::add_and_dot(&sum, &addend, 2.0, &with)?, 30.0);
/// assert_eq!(sum, Tensor::from_slice(&[3.0f32, 0.0]));
/// assert!(selvedge_torch::add_and_dot(&sum, &addend, 2.0, &Tensor::from(1.0f32)).is_err());
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
pub fn add_and_dot(sum: &Tensor, addend: &Tensor, factor: f64, with: &Tensor) -> Result<f64> {
    let mut product = 0.0;
    // SAFETY: all pointers are to tensors that outlive the call, and to a place for a number; the shim reads memory
    // only of those whose kind, length and place it has checked.
    let message = unsafe {
        selvedge_add_and_dot(sum.as_ptr(), addend.as_ptr(), factor, with.as_ptr(), &raw mut product)
    };
    check("add_and_dot", message)?;
    Ok(product)
}

unsafe extern "C" {
    fn selvedge_add_and_dot(
        sum: *const C_tensor,
        addend: *const C_tensor,
        factor: f64,
        with: *const C_tensor,
        product: *mut f64,
    ) -> *mut c_char;
}
