//! Where libtorch is, for build scripts.
//!
//! `torch-sys` finds libtorch and tells only the packages that depend on it directly where the libraries
//! are; `selvedge-torch` passes that on. An rpath does not travel through dependencies either, so every
//! package with a binary, a test, a bench or an example has a `build.rs` that calls [`rpath`].

// A build script speaks to cargo through its standard output.
#![allow(clippy::print_stdout)]

use std::env;
use std::path::{Path, PathBuf};

/// The libtorch that `torch-sys` was built against.
#[derive(Debug, Clone)]
pub struct Libtorch {
    /// The directory that holds `libtorch_cpu.so`.
    pub lib: PathBuf,
}

impl Libtorch {
    /// The libtorch of `torch-sys`, in the build script of a package that depends on `torch-sys` directly.
    ///
    /// # Panics
    ///
    /// When the package does not depend on `torch-sys`.
    #[must_use]
    pub fn of_torch_sys() -> Self {
        Self { lib: directory("DEP_TCH_LIBTORCH_LIB", "torch-sys") }
    }

    /// The include directories of the C++ headers: `LIBTORCH_INCLUDE` where it is set, otherwise beside the
    /// libraries.
    #[must_use]
    pub fn include(&self) -> Vec<PathBuf> {
        println!("cargo:rerun-if-env-changed=LIBTORCH_INCLUDE");
        let home = env::var_os("LIBTORCH_INCLUDE")
            .map(PathBuf::from)
            .or_else(|| self.lib.parent().map(Path::to_path_buf))
            .unwrap_or_default();
        vec![home.join("include"), home.join("include/torch/csrc/api/include")]
    }

    /// Whether this libtorch was built with CUDA and its CUDA library is there.
    #[must_use]
    pub fn has_cuda(&self) -> bool {
        self.lib.join("libtorch_cuda.so").exists()
    }
}

/// Puts the directory of libtorch's libraries into the run path of every binary, test, bench and example of
/// the calling package.
///
/// # Panics
///
/// When the package does not depend on `selvedge-torch` directly.
pub fn rpath() {
    let lib = directory("DEP_SELVEDGE_TORCH_LIB", "selvedge-torch");
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib.display());
    println!("cargo:rerun-if-changed=build.rs");
}

fn directory(variable: &str, package: &str) -> PathBuf {
    env::var_os(variable).map(PathBuf::from).unwrap_or_else(|| {
        panic!("{variable} is not set: the package of this build script has to depend on {package} directly")
    })
}
