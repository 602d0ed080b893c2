//! libtorch from an archive, for those without Python.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use selvedge_fetch::Download;

use super::provision::{Place, home_in};
use super::unpack::unpack;
use crate::terminal::Bar;

/// Names an archive to use before all other sources.
pub(crate) const URL_VARIABLE: &str = "SELVEDGE_LIBTORCH_URL";

pub(crate) fn url_of_the_user() -> Option<String> {
    env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty())
}

/// Fetches the archive at `url` and unpacks it. Its length, the checksum of each of its members and the
/// version in it are verified.
pub(crate) fn fetch(url: &str, what: &Place, downloads: &Path, directory: &Path, bar: &Bar) -> Result<()> {
    let archive = downloads.join("libtorch.zip");
    let download = Download {
        name: format!("libtorch {}", what.release.version()),
        mirrors: vec![url.to_owned()],
        ..Download::default()
    };
    download.to(&archive, bar)?;
    let home = home_in(directory, what.flavour);
    let result = File::open(&archive)
        .context("cannot read it")
        .and_then(|file| unpack(file, &home, bar, "unpacking libtorch", place))
        .and_then(|()| check_version(&home, what));
    if result.is_err() {
        // So that the next try is not made with the same bytes.
        let _ = fs::remove_file(&archive);
    }
    result.with_context(|| format!("the archive from {url}"))
}

fn place(member: &str) -> Option<PathBuf> {
    let member = member.strip_prefix("libtorch/")?;
    let is_library = member.contains(".so") || member.ends_with(".dylib");
    let is_needed = member == "build-version"
        || member.starts_with("include/")
        || member.starts_with("lib/") && is_library && !member.starts_with("lib/libtorch_python.");
    is_needed.then(|| PathBuf::from(member))
}

fn check_version(home: &Path, what: &Place) -> Result<()> {
    let found = fs::read_to_string(home.join("build-version")).context("it has no build-version")?;
    let expected = what.full_version();
    let found = found.trim();
    // The builds for macOS have no second part.
    if found != expected && found != what.release.version() {
        bail!("it is libtorch {found}, expected {expected}");
    }
    Ok(())
}
