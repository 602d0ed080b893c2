//! The versions of libtorch that there are bindings for.

use std::fs;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::workspace;

/// A version of libtorch. The bindings fit one each, and the lock file says which bindings there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Release {
    /// The one that the workspace is locked to, and whose numbers the golden files have.
    #[value(name = "2.13", alias = "2.13.0")]
    Current,
    /// What a machine may have that is not kept up to date.
    #[value(name = "2.11", alias = "2.11.0")]
    Older,
}

impl Release {
    /// The one whose bindings the lock file of the workspace has.
    pub(crate) fn locked() -> Result<Self> {
        let path = workspace::root().join("Cargo.lock");
        let lock = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let locked = lock
            .split("[[package]]")
            .find(|package| package.contains("name = \"torch-sys\""))
            .and_then(|package| package.split("version = \"").nth(1)?.split('"').next())
            .with_context(|| format!("{} locks no torch-sys", path.display()))?;
        let minor = |bindings: &str| bindings.rsplit_once('.').map(|(minor, _)| minor.to_owned());
        Self::value_variants()
            .iter()
            .find(|release| minor(release.bindings()) == minor(locked))
            .copied()
            .with_context(|| {
                format!("{} locks torch-sys {locked}, whose libtorch is not known here", path.display())
            })
    }

    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::Current => "2.13.0",
            Self::Older => "2.11.0",
        }
    }

    /// The version of `tch` and `torch-sys`; there is none for 2.12.
    pub(crate) fn bindings(self) -> &'static str {
        match self {
            Self::Current => "0.26.0",
            Self::Older => "0.24.0",
        }
    }
}
