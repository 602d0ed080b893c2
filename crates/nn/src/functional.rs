//! The operations without the layers that hold their parameters; PyTorch's `torch.nn.functional`.

mod dropout;
mod loss;

pub use dropout::{alpha_dropout, dropout, dropout1d, dropout2d, dropout3d, feature_alpha_dropout};
pub use loss::{Reduction, cross_entropy, mse_loss, nll_loss};
