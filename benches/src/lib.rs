//! Criterion benches of the workspace, and what they share: a data set of the size of Fashion-MNIST, and the
//! chapter's network with its loss and optimizer.

mod garments;
mod network;
mod training;

pub use garments::{augmented, batch, made_up, transform};
pub use network::{fashion_network, with_gradients};
pub use training::Training;
