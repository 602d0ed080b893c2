/// Whether this process ignores a signal now. A process that was started by `nohup`, or in the background by a shell
/// without job control, inherits that: a program should leave such a signal ignored, and not install a handler for it.
///
/// ```
/// # #[cfg(unix)] {
/// // Rust's runtime ignores SIGPIPE, and SIGSEGV is never ignored.
/// assert!(selvedge_torch::ignores_signal(13));
/// assert!(!selvedge_torch::ignores_signal(11));
/// # }
/// ```
#[must_use]
pub fn ignores_signal(number: i32) -> bool {
    // SAFETY: the call reads the action of a signal into a variable of its own, and takes any number.
    unsafe { selvedge_ignores_signal(number) }
}

unsafe extern "C" {
    fn selvedge_ignores_signal(number: i32) -> bool;
}
