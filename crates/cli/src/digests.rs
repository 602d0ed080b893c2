//! The digests of those files of a run folder that hold no checksum of their own: `digests.json`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use selvedge_fetch::sha256_of_file;

use crate::run::{ABOUT, CONFIG, REPORT, SAMPLES, TEST};

const FILE: &str = "digests.json";

/// The files that it is about, beside those in the two folders.
pub(crate) const FILES: &[&str] = &[CONFIG, ABOUT, SAMPLES, TEST, REPORT];

/// The folder of the pictures.
pub(crate) const PICTURES: &str = "pictures";

/// The folder of the event files. Their records have checksums; the digests tell that a file is missing.
pub(crate) const EVENTS: &str = "tensorboard";

/// The SHA-256 of each file, by its path in the run folder.
pub(crate) type Digests = BTreeMap<String, String>;

/// Those that are recorded. None are while a file is about to be replaced, so that no record is ever of an old file.
pub(crate) fn recorded(run: &Path) -> Result<Digests> {
    let path = run.join(FILE);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| path.display().to_string()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Digests::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Removes the record, before one of the files is replaced.
pub(crate) fn forget(run: &Path) -> Result<()> {
    let path = run.join(FILE);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Records the files as they are now.
pub(crate) fn record(run: &Path) -> Result<()> {
    let text = serde_json::to_string_pretty(&found(run)?)? + "\n";
    Ok(selvedge_atomic::write_atomically(&run.join(FILE), text)?)
}

/// The digests of the files that are there.
pub(crate) fn found(run: &Path) -> Result<Digests> {
    let mut names: Vec<String> = FILES.iter().map(|name| (*name).to_owned()).collect();
    for folder in [PICTURES, EVENTS] {
        for entry in fs::read_dir(run.join(folder)).into_iter().flatten().flatten() {
            let name = entry.file_name();
            // The files there have names of ours.
            let name = name.to_str().filter(|_| !selvedge_atomic::is_unfinished(&name));
            names.extend(name.map(|name| format!("{folder}/{name}")));
        }
    }
    let mut digests = Digests::new();
    for name in names {
        let path = run.join(&name);
        if path.is_file() {
            digests.insert(name, sha256_of_file(&path)?.to_string());
        }
    }
    Ok(digests)
}
