/// Asks the allocator of the C library, which libtorch takes the memory of tensors from, to keep what is freed for the next
/// tensor, for the whole process: up to 1 GiB, where by default what is freed at the end of its memory goes back to the
/// system. Whether it does; only glibc's does.
///
/// An ordinary training step frees most of what it allocates. Memory that came back from the system is cleared a page at a
/// time, which takes longer than many an operation writes to it. A process that keeps it holds what it held at its peak
/// until it ends, so it is for `main` to decide, before the first tensor.
///
/// ```
/// assert_eq!(selvedge_torch::keep_freed_memory(), cfg!(target_env = "gnu"));
/// ```
pub fn keep_freed_memory() -> bool {
    // SAFETY: the call has no arguments, and the allocator locks what it sets.
    unsafe { selvedge_keep_freed_memory() }
}

unsafe extern "C" {
    fn selvedge_keep_freed_memory() -> bool;
}
