//! MD5, for what its publisher gives no better digest of.

use std::fmt;
use std::io::{self, Read};

use md5::{Digest, Md5};

use crate::digest;

/// An MD5, printed as 32 hexadecimal digits.
///
/// It tells a file that was damaged or mixed up on its way, and nobody knows how to make another file for a given digest.
/// Its author could have made two files of the same one: where a SHA-256 is known, it is the better choice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Md5Digest([u8; 16]);

impl Md5Digest {
    /// The digest written as `hex`: 32 digits, of either case.
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
        let found = md5(reader)?;
        Ok(if found == *self { Ok(()) } else { Err(format!("MD5 {found}, expected {self}")) })
    }
}

impl fmt::Display for Md5Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        digest::write_hex(&self.0, formatter)
    }
}

impl fmt::Debug for Md5Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Md5Digest({self})")
    }
}

/// The MD5 of all that `reader` gives, read in pieces.
///
/// # Errors
///
/// Those of the reader.
///
/// ```
/// assert_eq!(selvedge_fetch::md5(&b"abc"[..])?.to_string(), "900150983cd24fb0d6963f7d28e17f72");
/// # std::io::Result::Ok(())
/// ```
pub fn md5(reader: impl Read) -> io::Result<Md5Digest> {
    Ok(Md5Digest(digest::of::<Md5>(reader)?.finalize().into()))
}
