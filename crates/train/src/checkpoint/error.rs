use std::io;
use std::path::PathBuf;

use crate::TrainError;

/// What goes wrong with a checkpoint: each file of it can be damaged, and each error names it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// A file is not there.
    #[error("{} is missing", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file has another length than was written.
    #[error("{} has {found} bytes, expected {expected}", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// The length that was written.
        expected: u64,
        /// The length that it has.
        found: u64,
    },
    /// A file has other bytes than were written.
    #[error("{} has been altered: its SHA-256 is {found}, expected {expected}", path.display())]
    Altered {
        /// The file.
        path: PathBuf,
        /// The digest of what was written.
        expected: String,
        /// The digest that it has.
        found: String,
    },
    /// A file is not what it should be.
    #[error("{} is not as expected: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was expected and found.
        reason: String,
    },
    /// The checkpoint is of another version of this program.
    #[error("{} has the format {found}, this program reads {expected}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The format that this program reads.
        expected: u64,
        /// The format that it has.
        found: u64,
    },
    /// A file or folder can not be read, written or removed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb: `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The checkpoint is of another network, optimizer or schedule.
    #[error("the checkpoint does not fit: {0}")]
    Unfit(String),
    /// A file or folder can not be put in its place.
    #[error(transparent)]
    Place(#[from] selvedge_atomic::Error),
    /// The tensors can not be written or read.
    #[error(transparent)]
    Tensors(#[from] selvedge_nn::NnError),
    /// The state can not be had from libtorch, or not be given back to it.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The thread that wrote the checkpoint ended before it was done.
    #[error("the thread that wrote {} ended before it was done", path.display())]
    Thread {
        /// The checkpoint.
        path: PathBuf,
    },
}

/// The result of this module.
pub(super) type Result<T> = std::result::Result<T, CheckpointError>;

impl CheckpointError {
    /// For `map_err`: what was tried with which path.
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            _ => Self::Io { action, path, source },
        }
    }
}
