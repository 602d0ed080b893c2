use std::ffi::{c_char, c_void};
use std::ops::Range;
use std::ptr;

use crate::Result;
use crate::border::check;

/// Calls `body` for parts of `0..count` that together are all of it, on the threads that libtorch's own kernels use, as
/// many of them at most as [`tch::get_num_threads`] says. A part has at least `grain` numbers, if there are so many.
///
/// A panic in `body` ends the process: the frames of C++ around it can not be unwound.
pub(crate) fn parallel_for<F: Fn(Range<usize>) + Sync>(count: usize, grain: usize, body: &F) -> Result<()> {
    extern "C" fn call<F: Fn(Range<usize>) + Sync>(body: *const c_void, begin: i64, end: i64) {
        // SAFETY: it is the `body` below, which outlives the call and may be shared by threads.
        let body = unsafe { &*body.cast::<F>() };
        body(begin as usize..end as usize);
    }
    // SAFETY: `call` gets the body that it is made for, and the shim does not keep it.
    let message = unsafe {
        selvedge_parallel_for(count as i64, grain.max(1) as i64, call::<F>, ptr::from_ref(body).cast())
    };
    check("parallel_for", message)
}

unsafe extern "C" {
    fn selvedge_parallel_for(
        count: i64,
        grain: i64,
        body: extern "C" fn(*const c_void, i64, i64),
        context: *const c_void,
    ) -> *mut c_char;
}
