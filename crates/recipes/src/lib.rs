//! The networks of the chapter, one for each way it writes them.
//!
//! The chapter calls every version `FashionNetwork`, and so do these modules. All map a batch of garments,
//! `[N, 1, 28, 28]` or already flattened to `[N, 784]`, to ten values each, and all but [`convolutional`] and
//! [`sequential`] have the same parameters: `hidden1`, `hidden2` and `output`, each with `weight` and `bias`,
//! so that a state dict of one loads into the others and into the chapter's own code under PyTorch.
//!
//! The recipes themselves are the examples of this package: `cargo xtask recipe` lists them.

pub mod convolutional;
pub mod dropout;
pub mod functional;
pub mod log_softmax;
pub mod sequential;
pub mod softmax;

/// Pixels of a garment: 28 rows of 28.
const PIXELS: i64 = 784;

/// Kinds of garment.
const CLASSES: i64 = 10;

// The code in the pages for readers runs with the tests.
#[cfg(doctest)]
mod pages {
    macro_rules! page {
        ($name:ident, $file:literal) => {
            #[doc = include_str!(concat!("../../../", $file))]
            mod $name {}
        };
    }

    page!(readme, "README.md");
    page!(recipe1, "docs/recipes/1-define-a-network.md");
    page!(recipe2, "docs/recipes/2-fully-connected-network.md");
    page!(recipe3, "docs/recipes/3-loss-function.md");
    page!(recipe4, "docs/recipes/4-optimizer.md");
    page!(recipe5, "docs/recipes/5-dropout.md");
    page!(recipe6, "docs/recipes/6-functional-api.md");
}
