//! What goes wrong while fetching.

use std::io;
use std::path::PathBuf;

use crate::Failure;

/// What went wrong, with the paths and addresses it concerns.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no place for a cache.
    #[error("no cache directory: set SELVEDGE_CACHE_DIR, XDG_CACHE_HOME or HOME")]
    NoCacheDirectory,

    /// A file or directory could not be read or written.
    #[error("cannot {action} {}: {source}{}", .path.display(), advice(.source))]
    Io {
        /// What was tried, as a verb: `write`, `rename`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// The network is forbidden and the file is not there.
    #[error(
        "{name} is not at {} and SELVEDGE_OFFLINE forbids the network; unset it, or put the file there \
         yourself", .path.display()
    )]
    Offline {
        /// What was wanted.
        name: String,
        /// Where it should be.
        path: PathBuf,
    },

    /// No mirror gave the right bytes.
    #[error("cannot download {name}:{}", Failure::list(.failures))]
    Mirrors {
        /// What was wanted.
        name: String,
        /// What happened at each mirror, in the order they were asked.
        failures: Vec<Failure>,
    },

    /// A file is there but holds something else.
    #[error("{} is not what was expected: {reason}", .path.display())]
    Rejected {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found.
        reason: String,
    },

    /// The distribution's package could not be had.
    #[error("cannot unpack the package {package}: {reason}")]
    Package {
        /// The package's name.
        package: String,
        /// Which command failed, and what it said.
        reason: String,
    },
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl From<selvedge_atomic::Error> for Error {
    fn from(error: selvedge_atomic::Error) -> Self {
        let selvedge_atomic::Error { action, path, source } = error;
        Self::Io { action, path, source }
    }
}

impl Error {
    /// For `map_err`: what was tried with which path.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; make room, or set SELVEDGE_CACHE_DIR to a directory on another disk"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; set SELVEDGE_CACHE_DIR to a directory that you may write to"
        }
        _ => "",
    }
}
