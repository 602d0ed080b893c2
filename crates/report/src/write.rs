use std::fs;
use std::path::{Path, PathBuf};

use selvedge_atomic::write_atomically;

use crate::picture::pictures;
use crate::{Result, Run, page};

/// Writes `report.html` and the folder `pictures` into a run folder, from what the folder holds; gives the path of the
/// page.
///
/// # Errors
///
/// As [`Run::read`], and when a file can not be written.
pub fn write(directory: &Path) -> Result<PathBuf> {
    let run = Run::read(directory)?;
    let folder = directory.join("pictures");
    let files = pictures(&run)?;
    if !files.is_empty() {
        fs::create_dir_all(&folder).map_err(|source| selvedge_atomic::Error {
            action: "create",
            path: folder.clone(),
            source,
        })?;
    }
    for file in files {
        write_atomically(&folder.join(file.name), &file.bytes)?;
    }
    let path = directory.join("report.html");
    write_atomically(&path, page(&run).as_bytes())?;
    Ok(path)
}
