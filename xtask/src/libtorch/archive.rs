//! libtorch from an archive, for those without Python.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use selvedge_fetch::{Cause, Download, Sha256Digest, Verify};

use super::provision::{Mismatch, Place, home_in};
use super::unpack::unpack;
use crate::terminal::Bar;

/// Names an archive to use before all other sources.
pub(crate) const URL_VARIABLE: &str = "SELVEDGE_LIBTORCH_URL";

/// The SHA-256 of that archive.
pub(crate) const DIGEST_VARIABLE: &str = "SELVEDGE_LIBTORCH_SHA256";

/// Set to `1`, allows an address without encryption.
pub(crate) const HTTP_VARIABLE: &str = "SELVEDGE_LIBTORCH_ALLOW_HTTP";

/// An archive, and how it is known to be the right one.
pub(crate) struct Archive {
    pub(crate) url: String,
    /// Without one, what the server sends is believed.
    pub(crate) sha256: Option<Sha256Digest>,
}

/// The archive that the environment names, where it names one.
///
/// # Errors
///
/// When the digest is none, or the address is not encrypted and nothing allows that.
pub(crate) fn of_the_user() -> Result<Option<Archive>> {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let Some(url) = set(URL_VARIABLE) else { return Ok(None) };
    let sha256 = set(DIGEST_VARIABLE).map(|hex| digest(&hex)).transpose()?;
    let is_encrypted = url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
    ensure!(
        is_encrypted || set(HTTP_VARIABLE).is_some_and(|value| value == "1"),
        "{URL_VARIABLE} is {url:?}, expected an address that begins with https://; libtorch is native code, and without \
         encryption anybody on the way can change it. Set {HTTP_VARIABLE}=1 to take it all the same"
    );
    Ok(Some(Archive { url, sha256 }))
}

fn digest(hex: &str) -> Result<Sha256Digest> {
    let is_digest = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    ensure!(is_digest, "{DIGEST_VARIABLE} is {hex:?}, expected the 64 hexadecimal digits of a SHA-256");
    Ok(Sha256Digest::from_hex(hex))
}

/// Fetches the archive and unpacks it. Its digest where that is known, its length, the checksum of each of its members and
/// the version in it are verified.
pub(crate) fn fetch(
    archive: &Archive,
    what: &Place,
    downloads: &Path,
    directory: &Path,
    bar: &Bar,
) -> Result<()> {
    let Archive { url, sha256 } = archive;
    let archive = downloads.join("libtorch.zip");
    let download = Download {
        name: format!("libtorch {}", what.release.version()),
        mirrors: vec![url.clone()],
        verify: sha256.map_or(Verify::Length, Verify::Sha256),
        ..Download::default()
    };
    download.to(&archive, bar).map_err(|error| match error {
        // Other bytes than those that were asked for are no reason to try the next source.
        selvedge_fetch::Error::Mirrors { failures, .. }
            if sha256.is_some()
                && failures.iter().any(|failure| matches!(failure.cause, Cause::Content(_))) =>
        {
            anyhow::Error::new(Mismatch(format!("the archive from {}", failures[0])))
        }
        error => error.into(),
    })?;
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
