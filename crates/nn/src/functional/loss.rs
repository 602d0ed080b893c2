//! The losses. Each checks the shapes it is given, since libtorch would broadcast some and read past the end
//! of others, and panics at the line of its caller.

mod check;
mod cross_entropy;
mod pointwise;
mod reduction;

pub use cross_entropy::{cross_entropy, nll_loss};
pub use pointwise::mse_loss;
pub use reduction::Reduction;
