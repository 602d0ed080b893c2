//! Modules, layers, functional forms, initialisation and state dicts, as in PyTorch.
//!
//! A [`Module`] holds named parameters, buffers and submodules; [`Forward`] maps a tensor to another, in a
//! [`Mode`]. What follows from the names is in [`ModuleExt`]. [`functional`] owns the maths, the layers own
//! the tensors. Layers are made by `new` with their sizes and PyTorch's defaults, or by `with` and a struct of
//! options; units without tensors, such as the activations, are plain structs with public fields.

// The derive writes paths that begin with `::selvedge_nn`; this lets it work inside the crate, too.
extern crate self as selvedge_nn;

mod activation;
mod bilinear;
mod conv;
mod dims;
mod dropout;
mod embedding;
mod error;
mod flatten;
pub mod functional;
mod identity;
pub mod init;
mod linear;
mod misuse;
mod mode;
mod module;
mod module_dict;
mod module_ext;
mod module_list;
mod multihead_attention;
mod named_layers;
mod norm;
mod pad;
mod parameter;
mod pixel_shuffle;
pub mod plan;
mod pool;
mod prelu;
mod recurrent;
mod repr;
mod sequential;
mod state_dict;
mod summary;
mod transformer;
mod upsample;
mod visitor;

pub use activation::{
    Celu, Elu, Gelu, Glu, Hardshrink, Hardsigmoid, Hardswish, Hardtanh, LeakyRelu, LogSigmoid, LogSoftmax,
    Mish, Relu, Relu6, Rrelu, Selu, Sigmoid, Silu, Softmax, Softmax2d, Softmin, Softplus, Softshrink,
    Softsign, Tanh, Tanhshrink, Threshold,
};
pub use bilinear::{Bilinear, BilinearOptions};
pub use conv::{
    Conv, Conv1d, Conv2d, Conv3d, ConvOptions, ConvPadding, ConvTranspose, ConvTranspose1d, ConvTranspose2d,
    ConvTranspose3d, ConvTransposeOptions, PaddingMode,
};
pub use dims::Dims;
pub use dropout::{AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout};
pub use embedding::{Embedding, EmbeddingOptions};
pub use error::NnError;
pub use flatten::{Flatten, Unflatten};
pub use identity::Identity;
pub use linear::{Linear, LinearOptions};
pub use mode::Mode;
pub use module::{Forward, Module};
pub use module_dict::ModuleDict;
pub use module_ext::ModuleExt;
pub use module_list::ModuleList;
pub use multihead_attention::{MultiheadAttention, MultiheadAttentionOptions, OutProjection};
pub use named_layers::NamedLayers;
pub use norm::{
    AverageOverBatches, BatchNorm, BatchNorm1d, BatchNorm2d, BatchNorm3d, BatchNormOptions, GroupNorm,
    GroupNormOptions, InstanceNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, InstanceNormOptions,
    LayerNorm, LayerNormOptions, NormalizedShape, RmsNorm, RmsNormOptions, RunningStatistics,
};
pub use pad::{
    CircularPad, CircularPad1d, CircularPad2d, CircularPad3d, ConstantPad, ConstantPad1d, ConstantPad2d,
    ConstantPad3d, PadSizes, ReflectionPad, ReflectionPad1d, ReflectionPad2d, ReflectionPad3d,
    ReplicationPad, ReplicationPad1d, ReplicationPad2d, ReplicationPad3d, ZeroPad, ZeroPad1d, ZeroPad2d,
    ZeroPad3d,
};
pub use pixel_shuffle::{PixelShuffle, PixelUnshuffle};
pub use pool::{
    AdaptiveAvgPool, AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool,
    AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d, AvgPool, AvgPool1d, AvgPool2d, AvgPool3d,
    MaxPool, MaxPool1d, MaxPool2d, MaxPool3d,
};
pub use prelu::{Prelu, PreluOptions};
pub use recurrent::{Gru, GruOptions, Lstm, LstmOptions, LstmState, Rnn, RnnNonlinearity, RnnOptions};
pub use repr::{repr, write_repr};
pub use selvedge_derive::Module;
pub use sequential::Sequential;
pub use state_dict::{ShapeMismatch, StateDict, StateDictDiff};
pub use summary::{LayerSummary, Summary, observe, observe_products, summary};
pub use transformer::{
    TransformerActivation, TransformerEncoder, TransformerEncoderLayer, TransformerEncoderLayerOptions,
};
pub use upsample::{Upsample, UpsampleMode, UpsampleTo};
pub use visitor::Visitor;
