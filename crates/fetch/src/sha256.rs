//! SHA-256, streaming.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::{Error, Result, digest};

/// A SHA-256, printed as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256Digest([u8; 32]);

impl Sha256Digest {
    /// The digest written as `hex`: 64 digits, of either case.
    ///
    /// # Panics
    ///
    /// When it is anything else; a pinned digest is a constant.
    #[must_use]
    #[track_caller]
    pub const fn from_hex(hex: &str) -> Self {
        Self(digest::from_hex(hex))
    }

    /// Refuses `reader`'s bytes when they have another digest, as what was expected and what was found.
    pub(crate) fn check(&self, reader: impl Read) -> io::Result<std::result::Result<(), String>> {
        let found = sha256(reader)?;
        Ok(if found == *self { Ok(()) } else { Err(format!("SHA-256 {found}, expected {self}")) })
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        digest::write_hex(&self.0, formatter)
    }
}

impl fmt::Debug for Sha256Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sha256Digest({self})")
    }
}

/// The SHA-256 of all that `reader` gives, read in pieces.
///
/// # Errors
///
/// Those of the reader.
///
/// ```
/// let digest = selvedge_fetch::sha256(&b"abc"[..])?;
/// assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
/// # std::io::Result::Ok(())
/// ```
pub fn sha256(reader: impl Read) -> io::Result<Sha256Digest> {
    Ok(Sha256Digest(digest::of::<Sha256>(reader)?.finalize().into()))
}

/// The SHA-256 of a file.
///
/// # Errors
///
/// [`Error::Io`] when it cannot be read.
pub fn sha256_of_file(path: &Path) -> Result<Sha256Digest> {
    File::open(path).and_then(sha256).map_err(Error::io("read", path))
}
