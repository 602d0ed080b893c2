//! Where libtorch is, for build scripts.
//!
//! `torch-sys` finds libtorch and tells only the packages that depend on it directly where the libraries
//! are; `selvedge-torch` passes that on. An rpath does not travel through dependencies either, so every
//! package with a binary, a test, a bench or an example has a `build.rs` that calls [`rpath`].

// A build script speaks to cargo through its standard output.
#![allow(clippy::print_stdout)]

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The libtorch that `torch-sys` was built against.
#[derive(Debug, Clone)]
pub struct Libtorch {
    /// The directory that holds `libtorch_cpu.so`.
    pub lib: PathBuf,
}

/// What CUDA's own tools look for.
const TOOLKIT: [&str; 2] = ["CUDA_HOME", "CUDA_PATH"];

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

    /// The include directories of the C++ headers.
    ///
    /// As for `torch-sys`: those of the Python's torch with `LIBTORCH_USE_PYTORCH`; else those in
    /// `LIBTORCH_INCLUDE`, in `LIBTORCH`, or beside the libraries.
    #[must_use]
    pub fn include(&self) -> Vec<PathBuf> {
        for name in ["LIBTORCH", "LIBTORCH_INCLUDE", "LIBTORCH_LIB", "LIBTORCH_USE_PYTORCH"] {
            println!("cargo:rerun-if-env-changed={name}");
        }
        let home = self.home_of_headers(|name| env::var_os(name));
        vec![home.join("include"), home.join("include/torch/csrc/api/include")]
    }

    /// The directories with headers of CUDA's runtime that there are: those of the wheels beside a libtorch that came as
    /// one, and the toolkit's, in `CUDA_HOME`, `CUDA_PATH` or `/usr/local/cuda`.
    #[must_use]
    pub fn cuda_include(&self) -> Vec<PathBuf> {
        for name in TOOLKIT {
            println!("cargo:rerun-if-env-changed={name}");
        }
        let mut homes = self.cuda_homes(|name| env::var_os(name));
        homes.retain(|home| home.join("include/cuda_runtime_api.h").exists());
        homes.iter().map(|home| home.join("include")).collect()
    }

    fn cuda_homes(&self, variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
        // `torch/lib` and `nvidia/cu13` lie in one directory.
        let packages = self.lib.ancestors().nth(2).map(|packages| packages.join("nvidia/cu13"));
        let toolkit = TOOLKIT.iter().filter_map(|name| variable(name)).map(PathBuf::from);
        packages.into_iter().chain(toolkit).chain([PathBuf::from("/usr/local/cuda")]).collect()
    }

    fn home_of_headers(&self, variable: impl Fn(&str) -> Option<OsString>) -> PathBuf {
        let beside = || self.lib.parent().map(Path::to_path_buf).unwrap_or_default();
        if variable("LIBTORCH_USE_PYTORCH").is_some() {
            return beside();
        }
        // With `LIBTORCH_LIB` the headers need not be beside the libraries.
        variable("LIBTORCH_INCLUDE").or_else(|| variable("LIBTORCH")).map_or_else(beside, PathBuf::from)
    }

    /// The name of the OpenMP library that came with this libtorch, whose threads it computes with. What is compiled
    /// for OpenMP has to use this very one, or there are twice as many threads as processors.
    #[must_use]
    pub fn openmp(&self) -> Option<String> {
        let files = std::fs::read_dir(&self.lib).ok()?;
        let mut names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
        names.find(|name| name.starts_with("libgomp") && name.contains(".so"))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn home(variables: &[(&str, &str)]) -> PathBuf {
        let libtorch = Libtorch { lib: PathBuf::from("/site-packages/torch/lib") };
        libtorch.home_of_headers(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn headers_are_beside_the_libraries_unless_a_variable_says_where() {
        assert_eq!(home(&[]), Path::new("/site-packages/torch"));
        assert_eq!(home(&[("LIBTORCH", "/a")]), Path::new("/a"));
        assert_eq!(home(&[("LIBTORCH", "/a"), ("LIBTORCH_LIB", "/b")]), Path::new("/a"));
        assert_eq!(home(&[("LIBTORCH", "/a"), ("LIBTORCH_INCLUDE", "/c")]), Path::new("/c"));
    }

    #[test]
    fn headers_of_cuda_are_beside_the_wheel_or_where_the_variables_say() {
        let libtorch = Libtorch { lib: PathBuf::from("/site-packages/torch/lib") };
        let homes = libtorch.cuda_homes(|name| (name == "CUDA_PATH").then(|| OsString::from("/opt/cuda")));
        assert_eq!(homes, ["/site-packages/nvidia/cu13", "/opt/cuda", "/usr/local/cuda"].map(PathBuf::from));
    }

    #[test]
    fn a_python_s_torch_goes_before_the_variables_as_for_torch_sys() {
        let variables = [("LIBTORCH_USE_PYTORCH", "1"), ("LIBTORCH", "/a"), ("LIBTORCH_INCLUDE", "/c")];
        assert_eq!(home(&variables), Path::new("/site-packages/torch"));
    }
}
