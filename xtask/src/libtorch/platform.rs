//! What there is to fetch for this machine.

use super::flavour::Flavour;
use super::release::Release;

/// A kind of machine that libtorch exists for.
pub(crate) struct Platform {
    /// How wheels call it.
    pub(crate) tags: &'static [&'static str],
    cpu_wheels: &'static str,
    older_cpu_wheels: Option<&'static str>,
    cuda_wheels: Option<&'static str>,
    cpu_archive: Option<&'static str>,
    cuda_archive: Option<&'static str>,
}

const LINUX_X86_64: Platform = Platform {
    tags: &[
        "manylinux_2_28_x86_64",
        "manylinux_2_27_x86_64",
        "manylinux_2_25_x86_64",
        "manylinux_2_18_x86_64",
        "manylinux_2_17_x86_64",
        "manylinux2014_x86_64",
        "manylinux_2_12_x86_64",
        "manylinux2010_x86_64",
        "manylinux_2_5_x86_64",
        "manylinux1_x86_64",
    ],
    cpu_wheels: include_str!("wheels/linux-x86_64-cpu.txt"),
    older_cpu_wheels: Some(include_str!("wheels/linux-x86_64-cpu-2.11.txt")),
    cuda_wheels: Some(include_str!("wheels/linux-x86_64-cu130.txt")),
    cpu_archive: Some("cpu/libtorch-shared-with-deps-{version}%2Bcpu.zip"),
    cuda_archive: Some("cu130/libtorch-shared-with-deps-{version}%2Bcu130.zip"),
};

const LINUX_AARCH64: Platform = Platform {
    tags: &[
        "manylinux_2_28_aarch64",
        "manylinux_2_25_aarch64",
        "manylinux_2_17_aarch64",
        "manylinux2014_aarch64",
    ],
    cpu_wheels: include_str!("wheels/linux-aarch64-cpu.txt"),
    older_cpu_wheels: None,
    cuda_wheels: None,
    cpu_archive: None,
    cuda_archive: None,
};

const MACOS_ARM64: Platform = Platform {
    tags: &["macosx_14_0_arm64"],
    cpu_wheels: include_str!("wheels/macos-arm64.txt"),
    older_cpu_wheels: None,
    cuda_wheels: None,
    cpu_archive: Some("cpu/libtorch-macos-arm64-{version}.zip"),
    cuda_archive: None,
};

impl Platform {
    /// This machine's, where libtorch exists for it.
    pub(crate) fn here() -> Option<&'static Self> {
        if cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
            Some(&LINUX_X86_64)
        } else if cfg!(all(target_os = "linux", target_arch = "aarch64", target_env = "gnu")) {
            Some(&LINUX_AARCH64)
        } else if cfg!(all(target_os = "macos", target_arch = "aarch64")) {
            Some(&MACOS_ARM64)
        } else {
            None
        }
    }

    /// The wheels, as a requirements file.
    pub(crate) fn wheels(&self, flavour: Flavour, release: Release) -> Option<&'static str> {
        match (flavour, release) {
            (Flavour::Cpu, Release::Current) => Some(self.cpu_wheels),
            (Flavour::Cuda, Release::Current) => self.cuda_wheels,
            (Flavour::Cpu, Release::Older) => self.older_cpu_wheels,
            (Flavour::Cuda, Release::Older) => None,
        }
    }

    /// The archive on PyTorch's download site.
    pub(crate) fn archive(&self, flavour: Flavour, release: Release) -> Option<String> {
        let path = match flavour {
            Flavour::Cpu => self.cpu_archive,
            Flavour::Cuda => self.cuda_archive,
        };
        let path = path?.replace("{version}", release.version());
        Some(format!("https://download.pytorch.org/libtorch/{path}"))
    }
}
