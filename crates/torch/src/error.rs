use std::path::PathBuf;

use crate::CudaAbsent;

/// What goes wrong in libtorch, or with what the user asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TorchError {
    /// libtorch refused a call.
    #[error("{operation}: {message}")]
    Libtorch {
        /// What was called, by PyTorch's name.
        operation: &'static str,
        /// The first line of libtorch's message.
        message: String,
    },
    /// A name that is not one of a device.
    #[error("{found:?} is no device: expected auto, cpu, cuda, cuda:N (such as cuda:0) or mps")]
    UnknownDevice {
        /// What was given.
        found: String,
    },
    /// CUDA was asked for and is not there.
    #[error("there is no {device} here: {reason}; there is {available}")]
    NoCuda {
        /// What was asked for, such as `cuda:1`.
        device: String,
        /// Why it is not there.
        reason: CudaAbsent,
        /// The devices that are there.
        available: String,
    },
    /// A device of another kind was asked for and is not there.
    #[error("there is no {device} here: {reason}; there is {available}")]
    NoDevice {
        /// What was asked for, such as `mps`.
        device: String,
        /// Why it is not there.
        reason: &'static str,
        /// The devices that are there.
        available: String,
    },
    /// A device or kind that a function does not know what to do with.
    #[error("{operation} takes {expected}, not {found}")]
    Unsupported {
        /// What was called.
        operation: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What it was given.
        found: String,
    },
    /// A file could not be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// A file is not one that `torch.save` writes, or is damaged.
    #[error("{}: {reason}", path.display())]
    Pickle {
        /// The file.
        path: PathBuf,
        /// What was expected and found.
        reason: String,
    },
}

/// The result of a call that libtorch can refuse.
pub type Result<T, E = TorchError> = std::result::Result<T, E>;
