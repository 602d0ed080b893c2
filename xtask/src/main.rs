//! Provisions libtorch and data.

fn main() {}
