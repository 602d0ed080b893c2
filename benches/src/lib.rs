//! Criterion benches of the workspace, and what they and the programs for `cargo xtask bench --python PYTHON` share: a
//! data set of the size of Fashion-MNIST, the chapter's network with its loss and optimizer, and how times are taken.

mod answers;
mod contest;
mod garments;
mod network;
mod timing;
mod training;

pub use answers::answer;
pub use contest::report;
pub use garments::{augmented, batch, made_up, transform};
pub use network::{SIZES, connected, fashion_network, with_gradients};
pub use timing::{median, median_microseconds, microseconds};
pub use training::Training;
