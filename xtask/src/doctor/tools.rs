//! The programs that a build needs.

use std::env;
use std::ffi::OsString;
use std::process::{Command, Stdio};

use super::finding::Finding;
use crate::libtorch::Python;

pub(super) fn rust() -> Finding {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    match (version(&cargo), version(&rustc)) {
        (Some(cargo), Some(rustc)) => Finding::good("rust", format!("{cargo}, {rustc}")),
        (None, _) => Finding::bad("rust", "there is no cargo that runs", "install Rust with rustup"),
        (_, None) => Finding::bad("rust", "there is no rustc that runs", "rustup default stable"),
    }
}

/// The compiler that builds the bindings.
pub(super) fn compiler() -> Finding {
    let named = env::var_os("CXX").filter(|name| !name.is_empty());
    let candidates =
        named.map_or_else(|| ["c++", "g++", "clang++"].map(OsString::from).to_vec(), |name| vec![name]);
    let install = if cfg!(target_os = "macos") {
        "xcode-select --install"
    } else {
        "sudo apt-get install g++, or its like"
    };
    match candidates.iter().find_map(version) {
        Some(version) => Finding::good("C++ compiler", version),
        None => Finding::bad("C++ compiler", format!("none of {candidates:?} runs"), install),
    }
}

/// Python brings libtorch; once it is there, it is not needed.
pub(super) fn python(has_libtorch: bool) -> Finding {
    let install = "sudo apt-get install python3-pip, or its like";
    let found = Python::find().and_then(|python| Ok((python.pip()?, python.version)));
    match found {
        Ok((pip, python)) => Finding::good("python", format!("{python} with pip {pip}")),
        Err(error) if has_libtorch => {
            Finding::good("python", format!("{error:#}; not needed, since libtorch is there"))
        }
        Err(error) => Finding::bad("python", format!("{error:#}"), install),
    }
}

fn version(program: &OsString) -> Option<String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| said.lines().next().unwrap_or_default().to_owned())
}
