//! What SHA-256 and MD5 have in common.

use std::fmt;
use std::io::{self, Read};

use sha2::Digest;

/// The bytes that `hex` writes, two digits for each, of either case.
#[track_caller]
pub(crate) const fn from_hex<const LENGTH: usize>(hex: &str) -> [u8; LENGTH] {
    let hex = hex.as_bytes();
    assert!(hex.len() == 2 * LENGTH, "the digest has another number of hexadecimal digits");
    let mut bytes = [0; LENGTH];
    let mut index = 0;
    while index < LENGTH {
        bytes[index] = digit(hex[2 * index]) * 16 + digit(hex[2 * index + 1]);
        index += 1;
    }
    bytes
}

const fn digit(character: u8) -> u8 {
    match character {
        b'0'..=b'9' => character - b'0',
        b'a'..=b'f' => character - b'a' + 10,
        b'A'..=b'F' => character - b'A' + 10,
        _ => panic!("a digest has hexadecimal digits alone"),
    }
}

pub(crate) fn write_hex(bytes: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

/// The digest of all that `reader` gives, read in pieces.
pub(crate) fn of<D: Digest>(mut reader: impl Read) -> io::Result<D> {
    let mut digest = D::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(digest),
            Ok(length) => digest.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
