//! The libtorch that this program runs with.

use std::ffi::c_char;
use std::ptr;

use crate::Result;
use crate::border::{check, take};

/// Its version, such as `2.13.0`, as the library tells it.
///
/// ```
/// let version = selvedge_torch::libtorch::version()?;
/// assert!(version.starts_with("2."));
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
///
/// # Errors
///
/// When libtorch does not tell.
pub fn version() -> Result<String> {
    const KEY: &str = "TORCH_VERSION=";
    let configuration = configuration()?;
    let (_, rest) = configuration.split_once(KEY).unwrap_or_default();
    Ok(rest
        .split([',', ' ', '\n'])
        .next()
        .filter(|version| !version.is_empty())
        .unwrap_or("unknown")
        .to_owned())
}

/// How it was built: compiler, instruction sets, libraries, `torch.__config__.show()`.
///
/// # Errors
///
/// When libtorch does not tell.
pub fn configuration() -> Result<String> {
    let mut text = ptr::null_mut();
    // SAFETY: `text` is a place for a pointer.
    check("show_config", unsafe { selvedge_configuration(&raw mut text) })?;
    Ok(take(text))
}

/// The vector instructions that its own kernels use on this processor, such as `AVX2`;
/// `torch.backends.cpu.get_cpu_capability`. The variable `ATEN_CPU_CAPABILITY` (`default`, `avx2`, `avx512`) limits them.
///
/// # Errors
///
/// When libtorch does not tell.
pub fn cpu_capability() -> Result<String> {
    let mut text = ptr::null_mut();
    // SAFETY: `text` is a place for a pointer.
    check("get_cpu_capability", unsafe { selvedge_cpu_capability(&raw mut text) })?;
    Ok(take(text))
}

unsafe extern "C" {
    fn selvedge_cpu_capability(text: *mut *mut c_char) -> *mut c_char;
    fn selvedge_configuration(text: *mut *mut c_char) -> *mut c_char;
}
