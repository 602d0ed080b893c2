//! Where things are in the repository.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// The directory of the workspace, whatever the current one is.
pub(crate) fn root() -> PathBuf {
    let xtask = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map(PathBuf::from).unwrap_or(xtask)
}

/// What cargo builds, in the profile that all our commands use.
pub(crate) fn built() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("release")
}

/// The version of libtorch that the locked `torch-sys` binds.
pub(crate) fn libtorch_version() -> Result<&'static str> {
    let path = root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let locked = lock
        .split("[[package]]")
        .find(|package| package.contains("name = \"torch-sys\""))
        .and_then(|package| package.split("version = \"").nth(1)?.split('"').next())
        .with_context(|| format!("{} locks no torch-sys", path.display()))?;
    match locked.rsplit_once('.').map(|(minor, _)| minor) {
        Some("0.26") => Ok("2.13.0"),
        Some("0.24") => Ok("2.11.0"),
        _ => anyhow::bail!("{} locks torch-sys {locked}, whose libtorch is not known here", path.display()),
    }
}
