//! The operations, without parameters of their own; PyTorch's `torch.nn.functional`.
//!
//! Each is written once, here; the layers call it.

mod conv;
mod dropout;
mod hyperbolic;
mod linear;
mod loss;
mod pad;
mod pool;
mod rectifier;
mod softmax;

pub use conv::{conv, conv_same};
pub use dropout::{alpha_dropout, dropout, dropout1d, dropout2d, dropout3d, feature_alpha_dropout};
pub use hyperbolic::tanh;
pub use linear::linear;
pub use loss::{Reduction, cross_entropy, mse_loss, nll_loss};
pub use pad::{constant_pad, pad};
pub use pool::{max_pool, max_pool_with_indices};
pub use rectifier::relu;
pub use softmax::{log_softmax, softmax, softmin};
