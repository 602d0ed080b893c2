//! The digest of a safetensors file, in the metadata of the file itself: it cannot get lost or go stale beside it.
//!
//! It is the SHA-256 of the whole file with zeros in the place of its own digits. Readers of the format ignore
//! metadata that they do not know.

use std::collections::HashMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The name of the entry.
pub(super) const KEY: &str = "selvedge.sha256";

/// What is written in the place of the digest until it is known.
const BLANK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What transformers and others look for before they read tensors as PyTorch's.
const FORMAT: (&str, &str) = ("format", "pt");

/// The metadata of a file that is to be [sealed](seal).
pub(super) fn metadata() -> HashMap<String, String> {
    [FORMAT, (KEY, BLANK)].into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Puts the digest into a file with such [`metadata`].
pub(super) fn seal(file: &mut [u8]) {
    // The library writes a map in an order that differs from process to process; equal models are equal files.
    let entry = |(key, value): (&str, &str)| format!("\"{key}\":\"{value}\"");
    let (format, blank) = (entry(FORMAT), entry((KEY, BLANK)));
    let (other, ours) = (format!("{blank},{format}"), format!("{format},{blank}"));
    if let Some(place) = find(file, &other) {
        file[place..place + ours.len()].copy_from_slice(ours.as_bytes());
    }
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

/// Where the digits are.
fn place(file: &[u8]) -> Option<usize> {
    let entry = format!("\"{KEY}\":\"");
    let place = find(file, &entry)? + entry.len();
    (place + BLANK.len() <= file.len()).then_some(place)
}

/// Where a text is in the header, whose length comes first.
fn find(file: &[u8], text: &str) -> Option<usize> {
    let (length, _) = file.split_first_chunk::<8>()?;
    let end = usize::try_from(u64::from_le_bytes(*length)).ok()?.checked_add(8)?;
    file.get(..end)?.windows(text.len()).position(|window| window == text.as_bytes())
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
