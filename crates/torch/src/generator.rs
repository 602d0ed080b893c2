use std::ffi::{c_char, c_int};
use std::ptr;

use tch::{Device, Tensor};
use torch_sys::C_tensor;

use crate::border::check;
use crate::{Result, TorchError};

/// The generator that initialisation, dropout and the random operations of a device draw from.
///
/// With its state saved and restored, the same numbers come again. It is shared by all threads.
///
/// ```
/// use selvedge_torch::Generator;
/// use tch::{Device, Kind, Tensor};
///
/// let generator = Generator::of(Device::Cpu)?;
/// generator.seed(7)?;
/// let state = generator.state()?;
/// let first = Tensor::rand([3], (Kind::Float, Device::Cpu));
/// generator.set_state(&state)?;
/// assert_eq!(Tensor::rand([3], (Kind::Float, Device::Cpu)), first);
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generator {
    /// The index of the CUDA device, or −1 for the CPU.
    device: c_int,
}

impl Generator {
    /// The generator of a CPU or CUDA device.
    ///
    /// # Errors
    ///
    /// For a device of another type. That a CUDA device is not there is told at the first use.
    pub fn of(device: Device) -> Result<Self> {
        let device = match device {
            Device::Cpu => Some(-1),
            Device::Cuda(index) => c_int::try_from(index).ok().filter(|&index| index <= i8::MAX.into()),
            Device::Mps | Device::Vulkan => None,
        }
        .ok_or_else(|| TorchError::Unsupported {
            operation: "Generator",
            expected: "a CPU or CUDA device",
            found: format!("{device:?}"),
        })?;
        Ok(Self { device })
    }

    /// The state, `torch.get_rng_state` or `torch.cuda.get_rng_state`: bytes that can be stored in a checkpoint.
    ///
    /// # Errors
    ///
    /// When the CUDA device is not there.
    pub fn state(self) -> Result<Tensor> {
        let mut state = ptr::null_mut();
        // SAFETY: `state` is a place for a pointer.
        let message = unsafe { selvedge_generator_state(self.device, &raw mut state) };
        check("get_rng_state", message)?;
        // SAFETY: without a message it is a new tensor that is ours.
        Ok(unsafe { Tensor::from_ptr(state) })
    }

    /// Restores a state, `torch.set_rng_state`.
    ///
    /// # Errors
    ///
    /// When it is not the state of a generator of this type of device: a contiguous tensor of bytes on the CPU,
    /// of the right length.
    pub fn set_state(self, state: &Tensor) -> Result<()> {
        // SAFETY: the tensor is borrowed until the call returns, and only read.
        check("set_rng_state", unsafe { selvedge_generator_set_state(self.device, state.as_ptr()) })
    }

    /// Starts anew from a seed, `torch.Generator.manual_seed`. [`tch::manual_seed`] does it for all devices.
    ///
    /// # Errors
    ///
    /// When the CUDA device is not there.
    pub fn seed(self, seed: u64) -> Result<()> {
        // SAFETY: plain numbers.
        check("manual_seed", unsafe { selvedge_generator_seed(self.device, seed) })
    }

    /// The seed that it was last started from, `torch.initial_seed`.
    ///
    /// # Errors
    ///
    /// When the CUDA device is not there.
    pub fn initial_seed(self) -> Result<u64> {
        let mut seed = 0;
        // SAFETY: `seed` is a place for a number.
        check("initial_seed", unsafe { selvedge_generator_initial_seed(self.device, &raw mut seed) })?;
        Ok(seed)
    }
}

unsafe extern "C" {
    fn selvedge_generator_state(device: c_int, state: *mut *mut C_tensor) -> *mut c_char;
    fn selvedge_generator_set_state(device: c_int, state: *const C_tensor) -> *mut c_char;
    fn selvedge_generator_seed(device: c_int, seed: u64) -> *mut c_char;
    fn selvedge_generator_initial_seed(device: c_int, seed: *mut u64) -> *mut c_char;
}
