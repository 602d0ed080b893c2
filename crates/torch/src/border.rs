//! What crosses the border to the shim, as `shim/border.h` declares it.

use std::borrow::Borrow;
use std::ffi::{CStr, c_char};
use std::marker::PhantomData;
use std::ptr;

use tch::Tensor;
use torch_sys::C_tensor;

use crate::{Result, TorchError};

unsafe extern "C" {
    fn selvedge_free(text: *mut c_char);
}

/// Pointers to tensors that are borrowed for as long as this lives.
pub(crate) struct Pointers<'a> {
    pointers: Vec<*mut C_tensor>,
    tensors: PhantomData<&'a Tensor>,
}

impl<'a> Pointers<'a> {
    pub(crate) fn new<T: Borrow<Tensor>>(tensors: &'a [T]) -> Self {
        let pointers = tensors.iter().map(|tensor| tensor.borrow().as_ptr().cast_mut()).collect();
        Self { pointers, tensors: PhantomData }
    }

    pub(crate) fn raw(&self) -> Tensors {
        Tensors { data: self.pointers.as_ptr(), length: self.pointers.len() }
    }
}

/// `selvedge::Tensors`.
#[repr(C)]
pub(crate) struct Tensors {
    pub(crate) data: *const *mut C_tensor,
    pub(crate) length: usize,
}

pub(crate) fn optional(tensor: Option<&Tensor>) -> *mut C_tensor {
    tensor.map_or(ptr::null_mut(), |tensor| tensor.as_ptr().cast_mut())
}

/// Turns what a function of the shim returned into a result, and frees it.
pub(crate) fn check(operation: &'static str, message: *mut c_char) -> Result<()> {
    if message.is_null() {
        return Ok(());
    }
    let text = take(message);
    let message = text.lines().next().unwrap_or("out of memory").to_owned();
    Err(TorchError::Libtorch { operation, message })
}

/// Takes over a string that the shim allocated.
pub(crate) fn take(text: *mut c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the shim gave a string that ends with a null byte and is ours to free.
    let owned = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    // SAFETY: as above, and nothing refers to it any more.
    unsafe { selvedge_free(text) };
    owned
}
