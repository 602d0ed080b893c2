use std::ffi::c_char;
use std::marker::PhantomData;

use tch::{Device, Kind};

use crate::border::check;
use crate::{Result, TorchError};

/// While it lives, operations on a type of device that gain from it run in a smaller kind, on this thread:
/// `torch.autocast`. Dropping it, also by a panic, restores what was before.
///
/// Matrix products and convolutions are cast down, operations that need the range (losses, softmax, norms) run in
/// f32. Wrap the forward pass and the loss; the backward pass follows by itself.
///
/// ```
/// use selvedge_torch::Autocast;
/// use tch::{Device, Kind, Tensor};
///
/// let matrix = Tensor::ones([2, 2], (Kind::Float, Device::Cpu));
/// let autocast = Autocast::new(Device::Cpu, Kind::BFloat16)?;
/// assert_eq!(matrix.matmul(&matrix).kind(), Kind::BFloat16);
/// drop(autocast);
/// assert_eq!(matrix.matmul(&matrix).kind(), Kind::Float);
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
#[derive(Debug)]
#[must_use = "autocast ends when its guard is dropped"]
pub struct Autocast {
    cuda: bool,
    before: State,
    /// The state belongs to the thread.
    thread: PhantomData<*const ()>,
}

impl Autocast {
    /// Casts to `kind`, which is [`Kind::BFloat16`] or [`Kind::Half`].
    ///
    /// # Errors
    ///
    /// For a device that is neither CPU nor CUDA, and for another kind.
    pub fn new(device: Device, kind: Kind) -> Result<Self> {
        Self::enter(device, State { enabled: true, kind: scalar_type(kind)? })
    }

    /// Casts nothing, inside of another autocast.
    ///
    /// # Errors
    ///
    /// For a device that is neither CPU nor CUDA.
    pub fn disabled(device: Device) -> Result<Self> {
        Self::enter(device, State { enabled: false, kind: scalar_type(Kind::BFloat16)? })
    }

    fn enter(device: Device, wanted: State) -> Result<Self> {
        let cuda = match device {
            Device::Cpu => false,
            Device::Cuda(_) => true,
            Device::Mps | Device::Vulkan => {
                return Err(TorchError::Unsupported {
                    operation: "autocast",
                    expected: "a CPU or CUDA device",
                    found: format!("{device:?}"),
                });
            }
        };
        let mut before = State { enabled: false, kind: 0 };
        // SAFETY: `before` is a place for the state.
        check("autocast", unsafe { selvedge_autocast_enter(cuda, wanted, &raw mut before) })?;
        Ok(Self { cuda, before, thread: PhantomData })
    }
}

impl Drop for Autocast {
    fn drop(&mut self) {
        // SAFETY: plain values, those that `enter` gave; the guard does not leave its thread.
        let left = check("autocast", unsafe { selvedge_autocast_leave(self.cuda, self.before) });
        debug_assert!(left.is_ok(), "{left:?}");
    }
}

/// The numbers of `c10::ScalarType`.
fn scalar_type(kind: Kind) -> Result<i8> {
    match kind {
        Kind::Half => Ok(5),
        Kind::BFloat16 => Ok(15),
        other => Err(TorchError::Unsupported {
            operation: "autocast",
            expected: "BFloat16 or Half",
            found: format!("{other:?}"),
        }),
    }
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
struct State {
    enabled: bool,
    kind: i8,
}

unsafe extern "C" {
    fn selvedge_autocast_enter(cuda: bool, wanted: State, before: *mut State) -> *mut c_char;
    fn selvedge_autocast_leave(cuda: bool, before: State) -> *mut c_char;
}
