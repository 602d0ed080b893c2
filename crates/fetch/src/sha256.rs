//! SHA-256, streaming.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::{Error, Result};

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
        let hex = hex.as_bytes();
        assert!(hex.len() == 64, "a SHA-256 has 64 hexadecimal digits");
        let mut bytes = [0; 32];
        let mut index = 0;
        while index < 32 {
            bytes[index] = digit(hex[2 * index]) * 16 + digit(hex[2 * index + 1]);
            index += 1;
        }
        Self(bytes)
    }

    /// Refuses `reader`'s bytes when they have another digest, as what was expected and what was found.
    pub(crate) fn check(&self, reader: impl Read) -> io::Result<std::result::Result<(), String>> {
        let found = sha256(reader)?;
        Ok(if found == *self { Ok(()) } else { Err(format!("SHA-256 {found}, expected {self}")) })
    }
}

const fn digit(character: u8) -> u8 {
    match character {
        b'0'..=b'9' => character - b'0',
        b'a'..=b'f' => character - b'a' + 10,
        b'A'..=b'F' => character - b'A' + 10,
        _ => panic!("a SHA-256 has 64 hexadecimal digits"),
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
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
pub fn sha256(mut reader: impl Read) -> io::Result<Sha256Digest> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(Sha256Digest(hasher.finalize().into())),
            Ok(length) => hasher.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The SHA-256 of a file.
///
/// # Errors
///
/// [`Error::Io`] when it cannot be read.
pub fn sha256_of_file(path: &Path) -> Result<Sha256Digest> {
    File::open(path).and_then(sha256).map_err(Error::io("read", path))
}
