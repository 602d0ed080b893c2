//! A note of the digests of unpacked files, beside them, in the form that `sha256sum --check` reads.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use selvedge_atomic::write_atomically;
use selvedge_fetch::{Sha256Digest, sha256_of_file};

use crate::{Error, Result};

const NAME: &str = "SHA256SUMS";

/// Refuses a file whose digest is not the one that is noted beside it. One that is not noted is passed over.
pub(crate) fn check_noted(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Some(expected) = read(folder)?.remove(&*name) else { return Ok(()) };
    let found = sha256_of_file(path)?.to_string();
    if found == expected {
        return Ok(());
    }
    let expected = format!("{expected}, as noted in {NAME}");
    Err(Error::Format { path: path.to_path_buf(), what: "SHA-256", expected, found })
}

/// Notes these digests in `folder`, beside what is noted there.
pub(super) fn write(folder: &Path, digests: Vec<(String, Sha256Digest)>) -> Result<()> {
    let mut noted = read(folder)?;
    noted.extend(digests.into_iter().map(|(name, digest)| (name, digest.to_string())));
    let text: String = noted.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect();
    Ok(write_atomically(&folder.join(NAME), text).map_err(selvedge_fetch::Error::from)?)
}

/// The digests by name.
fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let path = folder.join(NAME);
    match fs::read_to_string(&path) {
        // The mark before the name tells text from binary, where that made a difference.
        Ok(text) => Ok(text
            .lines()
            .filter_map(|line| line.split_once(' '))
            .filter_map(|(digest, name)| Some((name.strip_prefix([' ', '*'])?.to_owned(), digest.to_owned())))
            .collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(Error::io(&path)(error)),
    }
}
