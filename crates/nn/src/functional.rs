//! The operations, without parameters of their own; PyTorch's `torch.nn.functional`.
//!
//! Each is written once, here; the layers call it.

mod attention;
mod bilinear;
mod bounded;
mod conv;
mod dropout;
mod embedding;
mod gated;
mod interpolate;
mod linear;
mod loss;
mod norm;
mod pad;
mod pixel_shuffle;
mod pool;
mod rectifier;
mod shrink;
mod softmax;

pub use attention::{
    Attending, AttentionParameters, AttentionWeights, InProjection, causal_mask, multi_head_attention,
    scaled_dot_product_attention,
};
pub use bilinear::bilinear;
pub use bounded::{hardsigmoid, hardtanh, logsigmoid, relu6, sigmoid, softsign, tanh};
pub use conv::{conv, conv_same, conv_transpose};
pub use dropout::{alpha_dropout, dropout, dropout1d, dropout2d, dropout3d, feature_alpha_dropout};
pub use embedding::embedding;
pub use gated::{GeluApproximate, gelu, glu, hardswish, mish, silu};
pub use interpolate::interpolate;
pub use linear::linear;
pub use loss::{
    KlDivReduction, Reduction, binary_cross_entropy, binary_cross_entropy_with_logits, cosine_embedding_loss,
    cross_entropy, ctc_loss, gaussian_nll_loss, hinge_embedding_loss, huber_loss, kl_div, l1_loss,
    margin_ranking_loss, mse_loss, multi_margin_loss, multilabel_margin_loss, multilabel_soft_margin_loss,
    nll_loss, poisson_nll_loss, smooth_l1_loss, soft_margin_loss, triplet_margin_loss,
    triplet_margin_with_distance_loss,
};
pub use norm::{batch_norm, group_norm, instance_norm, layer_norm, rms_norm};
pub use pad::{constant_pad, pad};
pub use pixel_shuffle::{pixel_shuffle, pixel_unshuffle};
pub(crate) use pool::windows;
pub use pool::{
    adaptive_avg_pool, adaptive_max_pool, adaptive_max_pool_with_indices, avg_pool, max_pool,
    max_pool_with_indices,
};
pub use rectifier::{celu, elu, leaky_relu, prelu, relu, rrelu, selu, softplus, threshold};
pub use shrink::{hardshrink, softshrink, tanhshrink};
pub(crate) use softmax::dimension as softmax_dimension;
pub use softmax::{log_softmax, softmax, softmin};
