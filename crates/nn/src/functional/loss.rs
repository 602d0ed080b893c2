//! The losses. Each checks the shapes it is given, since libtorch would broadcast some and read past the end
//! of others, and panics at the line of its caller.

mod binary_cross_entropy;
mod check;
mod cross_entropy;
mod ctc;
mod divergence;
mod embedding;
mod likelihood;
mod margin;
mod multi_margin;
mod pointwise;
mod reduction;
mod triplet;

pub use binary_cross_entropy::{binary_cross_entropy, binary_cross_entropy_with_logits};
pub use cross_entropy::{cross_entropy, nll_loss};
pub use ctc::ctc_loss;
pub use divergence::{KlDivReduction, kl_div};
pub use embedding::{cosine_embedding_loss, hinge_embedding_loss};
pub use likelihood::{gaussian_nll_loss, poisson_nll_loss};
pub use margin::{margin_ranking_loss, multilabel_soft_margin_loss, soft_margin_loss};
pub use multi_margin::{multi_margin_loss, multilabel_margin_loss};
pub use pointwise::{huber_loss, l1_loss, mse_loss, smooth_l1_loss};
pub use reduction::Reduction;
pub use triplet::{triplet_margin_loss, triplet_margin_with_distance_loss};
