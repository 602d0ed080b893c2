//! `.cargo/libtorch.toml`: where libtorch is, for every cargo that runs in the workspace.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use selvedge_atomic::write_atomically;

use super::Libtorch;
use crate::workspace;

const NAMES: [&str; 4] = ["LIBTORCH", "LIBTORCH_INCLUDE", "LIBTORCH_LIB", "LIBTORCH_USE_PYTORCH"];

/// What is written there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Record {
    text: String,
    variables: BTreeMap<&'static str, String>,
}

impl Record {
    pub(crate) fn path() -> PathBuf {
        workspace::root().join(".cargo/libtorch.toml")
    }

    /// What an earlier run recorded; nothing where none did.
    pub(crate) fn read() -> Self {
        Self::parse(fs::read_to_string(Self::path()).unwrap_or_default())
    }

    fn parse(text: String) -> Self {
        let variables = text
            .lines()
            .filter_map(|line| line.split_once(" = "))
            // A basic string of TOML, as it is written below, is one of JSON.
            .filter_map(|(name, value)| Some((name, serde_json::from_str(value).ok()?)))
            .filter_map(|(name, value)| Some((*NAMES.iter().find(|known| **known == name)?, value)))
            .collect();
        Self { text, variables }
    }

    pub(crate) fn of(libtorch: &Libtorch) -> Result<Self> {
        let mut text = "# Written by `cargo xtask setup`: where libtorch is.\n\n[env]\n".to_owned();
        for (name, value) in libtorch.variables() {
            text += &format!("{name} = {}\n", serde_json::to_string(value)?);
        }
        // A documentation test is a program too, and no build script speaks for it.
        let rpath = format!("link-arg=-Wl,-rpath,{}", libtorch.lib().display());
        text += &format!("\n[build]\nrustdocflags = [\"-C\", {}]\n", serde_json::to_string(&rpath)?);
        Ok(Self::parse(text))
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &String)> {
        self.variables.iter().map(|(name, value)| (*name, value))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&String> {
        self.variables.get(name)
    }

    /// Writes it where it is not what is there: cargo looks at its time too.
    pub(crate) fn write(&self) -> Result<()> {
        if *self != Self::read() {
            write_atomically(&Self::path(), &self.text)?;
        }
        Ok(())
    }

    /// Removes it when it leads into `directory`.
    pub(crate) fn forget(directory: &std::path::Path) -> Result<()> {
        if Self::read().get("LIBTORCH").is_some_and(|home| PathBuf::from(home).starts_with(directory)) {
            fs::remove_file(Self::path())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Origin;
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let libtorch = Libtorch {
            origin: Origin::Variable,
            version: "2.13.0".to_owned(),
            lib: "/a \"b\"/lib".into(),
            variables: vec![("LIBTORCH", "/a \"b\"".to_owned()), ("LIBTORCH_LIB", r"\c".to_owned())],
        };
        let record = Record::of(&libtorch).unwrap();
        assert_eq!(record.get("LIBTORCH").unwrap(), "/a \"b\"");
        assert_eq!(record.get("LIBTORCH_LIB").unwrap(), r"\c");
        assert_eq!(record.get("LIBTORCH_INCLUDE"), None);
        assert_eq!(Record::parse(record.text.clone()), record);
    }
}
