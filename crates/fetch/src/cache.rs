//! Where downloaded things live.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::{Error, Result};

/// The directory of everything Selvedge downloads, whether it exists yet or not.
///
/// `SELVEDGE_CACHE_DIR` where it is set; else `selvedge` in `XDG_CACHE_HOME`, in `~/Library/Caches` on macOS,
/// in `~/.cache` elsewhere.
///
/// # Errors
///
/// [`Error::NoCacheDirectory`] when none of these variables nor `HOME` is set.
pub fn cache_directory() -> Result<PathBuf> {
    cache_directory_with(|name| env::var_os(name).filter(|value| !value.is_empty()))
}

fn cache_directory_with(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf> {
    if let Some(directory) = variable("SELVEDGE_CACHE_DIR") {
        return Ok(PathBuf::from(directory));
    }
    // The specification of these directories says to ignore a relative one.
    if let Some(directory) = variable("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute()) {
        return Ok(directory.join("selvedge"));
    }
    let home = variable("HOME").map(PathBuf::from).or_else(env::home_dir).ok_or(Error::NoCacheDirectory)?;
    let caches = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    Ok(home.join(caches).join("selvedge"))
}

/// Whether `SELVEDGE_OFFLINE` forbids the network: set, and neither empty nor `0`.
#[must_use]
pub fn is_offline() -> bool {
    env::var_os("SELVEDGE_OFFLINE").is_some_and(|value| !value.is_empty() && value != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> PathBuf {
        cache_directory_with(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
        .unwrap()
    }

    #[test]
    fn our_variable_wins_over_the_desktop_s_and_home() {
        let all = [("SELVEDGE_CACHE_DIR", "/a"), ("XDG_CACHE_HOME", "/b"), ("HOME", "/c")];
        assert_eq!(with(&all), PathBuf::from("/a"));
        assert_eq!(with(&all[1..]), PathBuf::from("/b/selvedge"));
        let home =
            if cfg!(target_os = "macos") { "/c/Library/Caches/selvedge" } else { "/c/.cache/selvedge" };
        assert_eq!(with(&all[2..]), PathBuf::from(home));
    }

    #[test]
    fn a_relative_desktop_directory_is_ignored() {
        let home = with(&[("HOME", "/c")]);
        assert_eq!(with(&[("XDG_CACHE_HOME", "here"), ("HOME", "/c")]), home);
    }
}
