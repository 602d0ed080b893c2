//! The digest of a safetensors file, in the metadata of the file itself: it cannot get lost or go stale beside it.
//!
//! It is the SHA-256 of the whole file with zeros in the place of its own digits. Readers of the format ignore
//! metadata that they do not know.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The name of the entry.
pub(super) const KEY: &str = "selvedge.sha256";

/// What is written in the place of the digest until it is known.
pub(super) const BLANK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Puts the digest into a file that has [`BLANK`] in its place.
pub(super) fn seal(file: &mut [u8]) {
    if let Some(place) = place(file) {
        let digest = digest(file, place);
        file[place..place + BLANK.len()].copy_from_slice(digest.as_bytes());
    }
}

/// Compares a file with the digest in its metadata, where it has one. The error is the digest that was expected, and the
/// one that was found.
pub(super) fn verify(file: &[u8]) -> Result<(), (String, String)> {
    let Some(place) = place(file) else { return Ok(()) };
    let expected = String::from_utf8_lossy(&file[place..place + BLANK.len()]).into_owned();
    let found = digest(file, place);
    if found == expected { Ok(()) } else { Err((expected, found)) }
}

/// Where the digits are: in the header, whose length comes first.
fn place(file: &[u8]) -> Option<usize> {
    let (length, _) = file.split_first_chunk::<8>()?;
    let end = usize::try_from(u64::from_le_bytes(*length)).ok()?.checked_add(8)?;
    let header = file.get(..end)?;
    let entry = format!("\"{KEY}\":\"");
    let place = header.windows(entry.len()).position(|window| window == entry.as_bytes())? + entry.len();
    (place + BLANK.len() <= end).then_some(place)
}

fn digest(file: &[u8], place: usize) -> String {
    let mut hasher = Sha256::new();
    hasher.update(&file[..place]);
    hasher.update(BLANK);
    hasher.update(&file[place + BLANK.len()..]);
    let mut text = String::with_capacity(BLANK.len());
    for byte in hasher.finalize() {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
