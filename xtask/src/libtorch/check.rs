//! Whether a libtorch is one, and the right one.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Result, bail, ensure};

use super::release::Release;

const LIBRARIES: [&str; 2] = if cfg!(target_os = "macos") {
    ["libtorch_cpu.dylib", "libc10.dylib"]
} else {
    ["libtorch_cpu.so", "libc10.so"]
};

/// The version of the libtorch in `home`, whose parts must all be there.
pub(crate) fn headers_and_libraries(home: &Path, include: &Path, lib: &Path) -> Result<String> {
    ensure!(home.is_dir(), "there is no directory {}", home.display());
    for library in LIBRARIES {
        ensure!(lib.join(library).is_file(), "there is no {library} in {}", lib.display());
    }
    let header = include.join("torch/csrc/api/include/torch/torch.h");
    ensure!(header.is_file(), "there is no header {}", header.display());
    let Some(found) = written_version(home) else { return Ok("of unknown version".to_owned()) };
    version(&found, &format!("the libtorch in {}", home.display()))?;
    Ok(found)
}

/// Refuses a version that the bindings do not fit.
pub(crate) fn version(found: &str, whose: &str) -> Result<()> {
    let expected = Release::locked()?.version();
    let bare = found.split('+').next().unwrap_or(found);
    if bare != expected && env::var_os("LIBTORCH_BYPASS_VERSION_CHECK").is_none() {
        bail!(
            "{whose} has version {found}, expected {expected}, which the bindings are made for \
             (LIBTORCH_BYPASS_VERSION_CHECK=1 tries it all the same)"
        );
    }
    Ok(())
}

/// What the file of the archive says, or that of the Python package.
fn written_version(home: &Path) -> Option<String> {
    if let Ok(version) = fs::read_to_string(home.join("build-version")) {
        return Some(version.trim().to_owned());
    }
    let python = fs::read_to_string(home.join("version.py")).ok()?;
    let line = python.lines().find_map(|line| line.strip_prefix("__version__ = "))?;
    Some(line.trim_matches(['\'', '"']).to_owned())
}
