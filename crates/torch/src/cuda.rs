//! CUDA devices: whether there are any, why not, what they are and how their memory is used.
//!
//! ```
//! use selvedge_torch::cuda;
//!
//! match cuda::device_count() {
//!     Ok(count) => assert!(cuda::name(count - 1).is_ok()),
//!     Err(reason) => assert!(!reason.to_string().is_empty()),
//! }
//! ```

use std::ffi::{c_char, c_int};
use std::fmt;
use std::ptr;

use tch::Device;

use crate::border::{check, take};
use crate::{Result, TorchError};

/// Brings the shim's part for CUDA, which keeps libtorch's library linked, into every program: also one that asks
/// nothing of this module.
#[used]
static KEEPS_THE_SHIM: unsafe extern "C" fn() -> bool = selvedge_cuda_built;

/// Why there is no CUDA.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CudaAbsent {
    /// The libtorch that this program was built against has no CUDA.
    CpuOnly,
    /// libtorch has CUDA, but its library is not in this process.
    NotLinked,
    /// There is no driver, `libcuda.so.1`.
    NoDriver,
    /// There is a driver, but it gives no device, or libtorch can not use it.
    NoDevice(String),
    /// There are devices, but not that many.
    Fewer(usize),
}

impl fmt::Display for CudaAbsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CpuOnly => f.write_str("this libtorch is built for the CPU only"),
            Self::NotLinked => f.write_str("libtorch's CUDA library is not linked into this program"),
            Self::NoDriver => f.write_str("there is no NVIDIA driver (libcuda.so.1)"),
            Self::NoDevice(reason) => write!(f, "the NVIDIA driver gives no usable device: {reason}"),
            Self::Fewer(1) => f.write_str("there is 1 CUDA device"),
            Self::Fewer(count) => write!(f, "there are {count} CUDA devices"),
        }
    }
}

/// The memory of a CUDA device that libtorch's allocator holds, in bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    /// In tensors, `torch.cuda.memory_allocated`.
    pub allocated: i64,
    /// Taken from the device, `torch.cuda.memory_reserved`.
    pub reserved: i64,
    /// The most that was ever in tensors, `torch.cuda.max_memory_allocated`.
    pub peak_allocated: i64,
    /// The most that was ever taken, `torch.cuda.max_memory_reserved`.
    pub peak_reserved: i64,
}

/// The number of CUDA devices, at least one.
///
/// # Errors
///
/// Why there is none.
pub fn device_count() -> Result<usize, CudaAbsent> {
    // SAFETY: these three take nothing and change nothing.
    let (built, loaded, driver) =
        unsafe { (selvedge_cuda_built(), selvedge_cuda_loaded(), selvedge_cuda_driver()) };
    if !built && !loaded {
        return Err(CudaAbsent::CpuOnly);
    }
    if !loaded {
        return Err(CudaAbsent::NotLinked);
    }
    if !driver {
        return Err(CudaAbsent::NoDriver);
    }
    let mut seen = 0;
    // SAFETY: `seen` is a place for a number.
    match check("cuda", unsafe { selvedge_cuda_devices(&raw mut seen) }) {
        Err(TorchError::Libtorch { message, .. }) => return Err(CudaAbsent::NoDevice(message)),
        Err(error) => return Err(CudaAbsent::NoDevice(error.to_string())),
        Ok(()) => {}
    }
    match (seen, usize::try_from(tch::Cuda::device_count())) {
        (_, Ok(count @ 1..)) => Ok(count),
        (0, _) => Err(CudaAbsent::NoDevice("it lists none (CUDA_VISIBLE_DEVICES?)".to_owned())),
        (seen, _) => Err(CudaAbsent::NoDevice(format!(
            "it lists {seen}, but libtorch can use none: the driver may be older than libtorch's CUDA"
        ))),
    }
}

/// The CUDA devices, none where [`device_count`] is an error.
///
/// ```
/// use selvedge_torch::cuda;
/// use tch::{Device, Kind, Tensor};
///
/// for device in [Device::Cpu].into_iter().chain(cuda::devices()) {
///     assert_eq!(Tensor::ones([3], (Kind::Float, device)).sum(Kind::Float).double_value(&[]), 3.0);
/// }
/// ```
pub fn devices() -> impl Iterator<Item = Device> {
    (0..device_count().unwrap_or(0)).map(Device::Cuda)
}

/// The name of a device, such as `NVIDIA H100`.
///
/// # Errors
///
/// When it is not there.
pub fn name(index: usize) -> Result<String> {
    let mut name = ptr::null_mut();
    let index = existing(index)?;
    // SAFETY: `name` is a place for a pointer.
    check("get_device_name", unsafe { selvedge_cuda_name(index, &raw mut name) })?;
    Ok(take(name))
}

/// The compute capability of a device, such as (9, 0).
///
/// # Errors
///
/// When it is not there.
pub fn capability(index: usize) -> Result<(u32, u32)> {
    let (mut major, mut minor) = (0, 0);
    let index = existing(index)?;
    // SAFETY: both are places for numbers.
    check("get_device_capability", unsafe {
        selvedge_cuda_capability(index, &raw mut major, &raw mut minor)
    })?;
    Ok((major.unsigned_abs(), minor.unsigned_abs()))
}

/// The memory of a device that libtorch holds.
///
/// # Errors
///
/// When it is not there.
pub fn memory(index: usize) -> Result<Memory> {
    let mut memory = Memory::default();
    let index = existing(index)?;
    // SAFETY: `memory` is a place for it.
    check("memory_stats", unsafe { selvedge_cuda_memory(index, &raw mut memory) })?;
    Ok(memory)
}

/// Lets the peaks of [`memory`] begin anew, `torch.cuda.reset_peak_memory_stats`.
///
/// # Errors
///
/// When the device is not there.
pub fn reset_peak(index: usize) -> Result<()> {
    let index = existing(index)?;
    // SAFETY: a plain number.
    check("reset_peak_memory_stats", unsafe { selvedge_cuda_reset_peak(index) })
}

/// Gives memory that is in no tensor back to the devices, `torch.cuda.empty_cache`. Without CUDA there is none.
///
/// # Errors
///
/// When a device fails.
pub fn empty_cache() -> Result<()> {
    if device_count().is_err() {
        return Ok(());
    }
    // SAFETY: takes nothing.
    check("empty_cache", unsafe { selvedge_cuda_empty_cache() })
}

/// The index, or the error that says why there is no such device.
pub(crate) fn existing(index: usize) -> Result<c_int> {
    let reason = match device_count() {
        Ok(count) if index < count => return Ok(index as c_int),
        Ok(count) => CudaAbsent::Fewer(count),
        Err(reason) => reason,
    };
    let available = crate::device::available();
    Err(TorchError::NoCuda { device: format!("cuda:{index}"), reason, available })
}

unsafe extern "C" {
    fn selvedge_cuda_built() -> bool;
    fn selvedge_cuda_loaded() -> bool;
    fn selvedge_cuda_driver() -> bool;
    fn selvedge_cuda_devices(count: *mut c_int) -> *mut c_char;
    fn selvedge_cuda_name(index: c_int, name: *mut *mut c_char) -> *mut c_char;
    fn selvedge_cuda_capability(index: c_int, major: *mut c_int, minor: *mut c_int) -> *mut c_char;
    fn selvedge_cuda_memory(index: c_int, memory: *mut Memory) -> *mut c_char;
    fn selvedge_cuda_reset_peak(index: c_int) -> *mut c_char;
    fn selvedge_cuda_empty_cache() -> *mut c_char;
}
