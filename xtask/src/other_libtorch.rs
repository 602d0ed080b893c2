//! The workspace with the bindings of another libtorch.
//!
//! Bindings fit one version of libtorch, and a lock file has one version of the bindings. So there is a second
//! workspace, in the cache, whose sources are links to those of the first, with a lock file, a
//! `.cargo/libtorch.toml` and a target directory of its own: the first is left as it is.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use selvedge_fetch::{cache_directory, sha256};

use crate::libtorch::{Record, Release};
use crate::{cargo, workspace};

/// What the second workspace has of its own.
const ITS_OWN: [&str; 4] = [".cargo", ".git", "Cargo.lock", "target"];

/// Runs `cargo xtask test` in the second workspace.
pub(crate) fn test(release: Release, arguments: &[OsString]) -> Result<ExitCode> {
    let workspace = prepare(release)?;
    let mut command = Command::new(env::current_exe().context("cannot find this program")?);
    // Cargo looks for `.cargo` from the current directory.
    command.current_dir(&workspace).env("CARGO_MANIFEST_DIR", workspace.join("xtask"));
    // What the first workspace has recorded is no wish of the user.
    let record = Record::read();
    for (name, value) in record.variables() {
        if env::var(name).is_ok_and(|found| &found == value) {
            command.env_remove(name);
        }
    }
    command.arg("test").args(arguments);
    cargo::become_it(command)
}

/// Where the second workspace is, up to date.
fn prepare(release: Release) -> Result<PathBuf> {
    let first = workspace::root();
    // Each checkout has its own.
    let checkout = sha256(first.as_os_str().as_encoded_bytes())?.to_string();
    let name = format!("{}-workspace-{}", release.version(), &checkout[..8]);
    let second = cache_directory()?.join("libtorch").join(name);
    (|| -> io::Result<()> {
        fs::create_dir_all(second.join(".cargo"))?;
        link(&first.join(".cargo/config.toml"), &second.join(".cargo/config.toml"))?;
        for entry in fs::read_dir(&first)? {
            let name = entry?.file_name();
            if !ITS_OWN.iter().any(|own| name == *own) {
                link(&first.join(&name), &second.join(&name))?;
            }
        }
        Ok(())
    })()
    .with_context(|| format!("cannot lay out {}", second.display()))?;
    lock(release, &first.join("Cargo.lock"), &second.join("Cargo.lock"))?;
    Ok(second)
}

/// Makes `link` lead to `to`.
fn link(to: &Path, link: &Path) -> io::Result<()> {
    if fs::read_link(link).is_ok_and(|before| before == to) {
        return Ok(());
    }
    match fs::remove_file(link) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    #[cfg(unix)]
    return std::os::unix::fs::symlink(to, link);
    #[cfg(not(unix))]
    return Err(io::ErrorKind::Unsupported.into());
}

/// The first lock file with other bindings, made anew when the first has changed.
fn lock(release: Release, first: &Path, second: &Path) -> Result<()> {
    let wanted = fs::read(first).with_context(|| format!("cannot read {}", first.display()))?;
    // Noted when all is done, so that what a kill leaves is made anew.
    let note = second.with_file_name("Cargo.lock.made-of");
    if second.is_file() && fs::read(&note).is_ok_and(|before| before == wanted) {
        return Ok(());
    }
    let written = |path: &Path| format!("cannot write {}", path.display());
    fs::write(second, &wanted).with_context(|| written(second))?;
    let mut update = cargo::cargo(None);
    // `torch-sys` goes along.
    update.args(["update", "--quiet", "--package", "tch", "--precise", release.bindings()]);
    update.arg("--manifest-path").arg(second.with_file_name("Cargo.toml"));
    cargo::run(&mut update)?;
    fs::write(&note, wanted).with_context(|| written(&note))
}
