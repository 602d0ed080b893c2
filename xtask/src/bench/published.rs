//! Building the peers that are published crates. They have a workspace of their own, so that nothing else compiles
//! them, and a target directory in our cache, so that they are compiled once.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result};
use selvedge_fetch::{cache_directory, is_offline};

use crate::{cargo, workspace};

/// The name in the table, and the package.
const PEERS: [(&str, &str); 2] = [("burn, flex", "burn-peer"), ("candle", "candle-peer")];

/// Builds each of them; what the comparison has to know about it: the program, or why there is none.
pub(super) fn build_all() -> Result<Vec<OsString>> {
    let target = cache_directory()?.join("peers");
    PEERS.into_iter().map(|(name, package)| build(name, package, &target)).collect()
}

fn build(name: &str, package: &str, target: &Path) -> Result<OsString> {
    let mut command = cargo::cargo(None);
    command.args(["build", "--release", "--locked", "--package", package, "--manifest-path"]);
    command.arg(workspace::root().join("tools/peers/Cargo.toml")).arg("--target-dir").arg(target);
    if is_offline() {
        command.arg("--offline");
    }
    if !command.status().context("cannot run cargo")?.success() {
        return Ok(format!("--left-out={name}=it does not build").into());
    }
    let mut built = OsString::from(format!("--built={name}="));
    built.push(target.join("release").join(package));
    Ok(built)
}
