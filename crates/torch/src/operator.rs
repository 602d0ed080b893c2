use std::borrow::Borrow;
use std::ffi::{CString, c_char, c_void};
use std::marker::PhantomData;
use std::ptr;
use std::sync::OnceLock;

use tch::Tensor;
use torch_sys::C_tensor;

use crate::border::{Pointers, check};
use crate::{Result, TorchError};

/// An operator of libtorch, found by its name when it is first called.
///
/// Its arguments are given in the order of its schema, all of them; the arguments' kinds are part of the
/// declaration, so a wrong one is a bug of this crate, which the test that calls every declared operator shows.
pub(crate) struct Operator {
    name: &'static str,
    overload: &'static str,
    handle: OnceLock<Handle>,
}

struct Handle(*mut c_void);

// SAFETY: an `OperatorHandle` is never changed after it was found, and calling it is safe from any thread.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Operator {
    /// Such as `_foreach_add_` and `List`, without the namespace `aten`.
    pub(crate) const fn new(name: &'static str, overload: &'static str) -> Self {
        Self { name, overload, handle: OnceLock::new() }
    }

    /// Calls an operator that returns nothing.
    pub(crate) fn run(&self, arguments: &[Argument<'_>]) -> Result<()> {
        self.call(arguments, 0).map(drop)
    }

    /// Calls an operator that returns `results` tensors.
    pub(crate) fn call(&self, arguments: &[Argument<'_>], results: usize) -> Result<Vec<Tensor>> {
        let handle = self.find(arguments.len())?;
        let raw: Vec<RawArgument<'_>> = arguments.iter().map(Argument::raw).collect();
        let mut pointers = vec![ptr::null_mut(); results];
        // SAFETY: the handle came from the shim; the arguments are borrowed until the call returns, and
        // `pointers` has the room that is told.
        let message = unsafe {
            selvedge_operator_call(
                handle.0,
                raw.as_ptr().cast(),
                raw.len(),
                pointers.as_mut_ptr(),
                pointers.len(),
            )
        };
        check(self.name, message)?;
        // SAFETY: without a message each pointer is a tensor that is ours.
        Ok(pointers.into_iter().map(|pointer| unsafe { Tensor::from_ptr(pointer) }).collect())
    }

    /// Calls an operator that returns one tensor; unlike the other calls, autograd follows it.
    pub(crate) fn apply(&self, arguments: &[Argument<'_>]) -> Result<Tensor> {
        let handle = self.find(arguments.len())?;
        let raw: Vec<RawArgument<'_>> = arguments.iter().map(Argument::raw).collect();
        let mut result = ptr::null_mut();
        // SAFETY: the handle came from the shim, the arguments are borrowed until the call returns, and
        // `result` is a place for a pointer.
        let message =
            unsafe { selvedge_operator_apply(handle.0, raw.as_ptr().cast(), raw.len(), &raw mut result) };
        check(self.name, message)?;
        // SAFETY: without a message the pointer is a tensor that is ours.
        Ok(unsafe { Tensor::from_ptr(result) })
    }

    fn find(&self, arguments: usize) -> Result<&Handle, TorchError> {
        if let Some(handle) = self.handle.get() {
            return Ok(handle);
        }
        let name = CString::new(format!("aten::{}", self.name)).expect("a name has no null byte");
        let overload = CString::new(self.overload).expect("an overload has no null byte");
        let mut found = ptr::null_mut();
        // SAFETY: both are strings that end with a null byte, `found` is a place for a pointer.
        let message =
            unsafe { selvedge_operator_find(name.as_ptr(), overload.as_ptr(), arguments, &raw mut found) };
        check(self.name, message)?;
        Ok(self.handle.get_or_init(|| Handle(found)))
    }
}

pub(crate) enum Argument<'a> {
    Tensors(Pointers<'a>),
    Tensor(&'a Tensor),
    Scalar(f64),
    Scalars(&'a [f64]),
    Flag(bool),
    None,
}

impl<'a> Argument<'a> {
    pub(crate) fn tensors<T: Borrow<Tensor>>(tensors: &'a [T]) -> Self {
        Self::Tensors(Pointers::new(tensors))
    }

    fn raw(&self) -> RawArgument<'_> {
        let (kind, scalar, data, length) = match self {
            Self::Tensors(pointers) => {
                let raw = pointers.raw();
                (0, 0.0, raw.data.cast(), raw.length)
            }
            Self::Tensor(tensor) => (1, 0.0, tensor.as_ptr().cast(), 0),
            Self::Scalar(value) => (2, *value, ptr::null(), 0),
            Self::Scalars(values) => (3, 0.0, values.as_ptr().cast(), values.len()),
            Self::Flag(value) => (4, 0.0, ptr::null(), usize::from(*value)),
            Self::None => (5, 0.0, ptr::null(), 0),
        };
        RawArgument { kind, scalar, data, length, borrowed: PhantomData }
    }
}

/// `SelvedgeArgument`.
#[repr(C)]
struct RawArgument<'a> {
    kind: u32,
    scalar: f64,
    data: *const c_void,
    length: usize,
    borrowed: PhantomData<&'a ()>,
}

unsafe extern "C" {
    fn selvedge_operator_find(
        name: *const c_char,
        overload: *const c_char,
        arguments: usize,
        found: *mut *mut c_void,
    ) -> *mut c_char;

    fn selvedge_operator_apply(
        operator: *mut c_void,
        arguments: *const c_void,
        length: usize,
        result: *mut *mut C_tensor,
    ) -> *mut c_char;

    fn selvedge_operator_call(
        operator: *mut c_void,
        arguments: *const c_void,
        length: usize,
        results: *mut *mut C_tensor,
        capacity: usize,
    ) -> *mut c_char;
}
