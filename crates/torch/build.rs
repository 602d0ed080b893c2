//! Passes on where libtorch is, and lets the tests of this package find it at run time.

fn main() {
    let libtorch = selvedge_link::Libtorch::of_torch_sys();
    println!("cargo:lib={}", libtorch.lib.display());
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", libtorch.lib.display());
    println!("cargo:rerun-if-changed=build.rs");
}
