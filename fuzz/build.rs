//! Lets the binaries, tests, benches and examples of this package find libtorch at run time.

fn main() {
    selvedge_link::rpath();
}
