//! With CUDA or without.

use std::path::Path;
use std::process::{Command, Stdio};

use super::release::Release;

/// A build of libtorch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    Cpu,
    Cuda,
}

impl Flavour {
    /// As PyTorch writes it after the version.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cu130",
        }
    }

    /// The name of its directory in our cache: `2.13.0-cpu`.
    pub(crate) fn name(self, release: Release) -> String {
        format!("{}-{}", release.version(), self.label())
    }

    pub(crate) fn of_name(name: &str, release: Release) -> Option<Self> {
        [Self::Cpu, Self::Cuda].into_iter().find(|flavour| flavour.name(release) == name)
    }

    /// With CUDA where a driver is seen.
    pub(crate) fn of_this_machine() -> Self {
        if has_driver() { Self::Cuda } else { Self::Cpu }
    }
}

/// Whether the driver of a CUDA device is there.
fn has_driver() -> bool {
    let libraries =
        ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib"];
    libraries.iter().any(|directory| Path::new(directory).join("libcuda.so.1").exists())
        || Command::new("nvidia-smi")
            .arg("-L")
            .stdin(Stdio::null())
            .output()
            .is_ok_and(|output| output.status.success() && output.stdout.starts_with(b"GPU"))
}
