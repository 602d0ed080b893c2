//! Compiles the shim, passes on where libtorch is, and lets the tests of this package find it at run time.

use std::env;
use std::fs;

fn main() {
    let libtorch = selvedge_link::Libtorch::of_torch_sys();
    println!("cargo:lib={}", libtorch.lib.display());
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", libtorch.lib.display());
    for path in ["build.rs", "shim"] {
        println!("cargo:rerun-if-changed={path}");
    }
    println!("cargo:rerun-if-env-changed=LIBTORCH_CXX11_ABI");

    let abi = env::var("LIBTORCH_CXX11_ABI").unwrap_or_else(|_| "1".to_owned());
    let mut shim = cc::Build::new();
    shim.cpp(true).std("c++17").define("_GLIBCXX_USE_CXX11_ABI", abi.as_str());
    for include in libtorch.include() {
        // As system headers, so that only the shim's own warnings are shown.
        shim.flag("-isystem").flag(include);
    }
    if libtorch.has_cuda() {
        shim.define("SELVEDGE_CUDA", None);
        for include in libtorch.cuda_include() {
            shim.flag("-isystem").flag(include);
        }
    }
    if let Some(openmp) = libtorch.openmp() {
        // Without the flag, `at::parallel_for` is a loop.
        shim.flag("-fopenmp");
        println!("cargo:rustc-link-lib=dylib:+verbatim={openmp}");
    }
    let sources = fs::read_dir("shim").expect("the shim lies beside the build script");
    let mut sources: Vec<_> = sources.filter_map(|entry| Some(entry.ok()?.path())).collect();
    sources.retain(|path| path.extension().is_some_and(|extension| extension == "cpp"));
    sources.sort();
    shim.files(sources).compile("selvedge_torch");
}
