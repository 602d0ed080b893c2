use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::functional::{self, Attending, AttentionWeights, GeluApproximate};
use crate::repr::python::Python;
use crate::{
    Dropout, Forward, LayerNorm, LayerNormOptions, Linear, LinearOptions, Mode, Module, MultiheadAttention,
    MultiheadAttentionOptions, NnError,
};

/// Self-attention and two linear layers, each with dropout, a shortcut and a normalisation; PyTorch's
/// `TransformerEncoderLayer`, by Vaswani et al., Attention Is All You Need, 2017.
///
/// ```text
/// hidden = norm1(source + dropout1(self_attn(source)))
/// output = norm2(hidden + dropout2(linear2(dropout(activation(linear1(hidden))))))
/// ```
///
/// or with `norm_first`
///
/// ```text
/// hidden = source + dropout1(self_attn(norm1(source)))
/// output = hidden + dropout2(linear2(dropout(activation(linear1(norm2(hidden))))))
/// ```
///
/// # Shapes
///
/// `[L, N, d_model]`, or `[N, L, d_model]` with `batch_first`, or `[L, d_model]` for one sequence; the output has the
/// shape of the input.
///
/// Differs from PyTorch: the activation is one of two; there is no `is_causal` beside the mask that it announces.
///
/// ```
/// use selvedge_nn::{Forward, Mode, TransformerEncoderLayer};
/// use tch::{Device, Kind, Tensor};
///
/// let layer = TransformerEncoderLayer::new(16, 4);
/// let words = Tensor::randn([10, 3, 16], (Kind::Float, Device::Cpu));
/// assert_eq!(layer.forward(&words, Mode::Eval).size(), words.size());
/// ```
#[derive(Debug, Module)]
pub struct TransformerEncoderLayer {
    /// The attention of each step to all others.
    pub self_attn: MultiheadAttention,
    /// From `d_model` to `dim_feedforward`.
    pub linear1: Linear,
    /// Between the linear layers.
    pub dropout: Dropout,
    /// From `dim_feedforward` to `d_model`.
    pub linear2: Linear,
    /// Of the attention.
    pub norm1: LayerNorm,
    /// Of the linear layers.
    pub norm2: LayerNorm,
    /// Behind the attention.
    pub dropout1: Dropout,
    /// Behind the linear layers.
    pub dropout2: Dropout,
    #[module(skip)]
    options: TransformerEncoderLayerOptions,
}

/// The options of [`TransformerEncoderLayer`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransformerEncoderLayerOptions {
    /// The length between the linear layers. Default: 2048
    pub dim_feedforward: i64,
    /// The probability to drop, of all dropouts and of the weights of the attention. Default: 0.1
    pub dropout: f64,
    /// What stands between the linear layers. Default: [`TransformerActivation::Relu`]
    pub activation: TransformerActivation,
    /// Added to the variance by the normalisations. Default: 1e-5
    pub layer_norm_eps: f64,
    /// Whether the sequences are `[N, L, d_model]` rather than `[L, N, d_model]`. Default: false
    pub batch_first: bool,
    /// Whether the normalisations come first. Default: false
    pub norm_first: bool,
    /// Whether all layers have biases. Default: true
    pub bias: bool,
}

impl Default for TransformerEncoderLayerOptions {
    fn default() -> Self {
        Self {
            dim_feedforward: 2048,
            dropout: 0.1,
            activation: TransformerActivation::Relu,
            layer_norm_eps: 1e-5,
            batch_first: false,
            norm_first: false,
            bias: true,
        }
    }
}

/// What stands between the linear layers of a [`TransformerEncoderLayer`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransformerActivation {
    /// [`functional::relu`]
    #[default]
    Relu,
    /// [`functional::gelu`], exact
    Gelu,
}

impl TransformerEncoderLayer {
    /// A layer with PyTorch's defaults.
    ///
    /// # Panics
    ///
    /// When a size is not positive or `nhead` does not divide `d_model`.
    #[must_use]
    #[track_caller]
    pub fn new(d_model: i64, nhead: i64) -> Self {
        Self::with(d_model, nhead, TransformerEncoderLayerOptions::default()).expect("the defaults are good")
    }

    /// A layer with options.
    ///
    /// # Errors
    ///
    /// When `dropout` lies outside `[0, 1]`, `dim_feedforward` is not positive, or `layer_norm_eps` is negative or no
    /// number.
    ///
    /// # Panics
    ///
    /// When a size is not positive or `nhead` does not divide `d_model`.
    #[track_caller]
    pub fn with(d_model: i64, nhead: i64, options: TransformerEncoderLayerOptions) -> Result<Self, NnError> {
        let TransformerEncoderLayerOptions { dim_feedforward, dropout, bias, batch_first, .. } = options;
        let refused = |option, expected, found: &dyn Python| {
            Err(NnError::option("TransformerEncoderLayer", option, expected, found.python()))
        };
        if !(0.0..=1.0).contains(&dropout) {
            return refused("dropout", "a probability in [0, 1]", &dropout);
        }
        if dim_feedforward < 1 {
            return refused("dim_feedforward", "at least 1", &dim_feedforward);
        }
        if options.layer_norm_eps.is_nan() || options.layer_norm_eps < 0.0 {
            return refused("layer_norm_eps", "a number of at least 0", &options.layer_norm_eps);
        }
        let attention =
            MultiheadAttentionOptions { dropout, bias, batch_first, ..MultiheadAttentionOptions::default() };
        let linear = LinearOptions { bias };
        let norm = || {
            LayerNorm::with(
                d_model,
                LayerNormOptions { eps: options.layer_norm_eps, bias, ..Default::default() },
            )
        };
        Ok(Self {
            self_attn: MultiheadAttention::with(d_model, nhead, attention)?,
            linear1: Linear::with(d_model, dim_feedforward, linear),
            dropout: Dropout::new(dropout),
            linear2: Linear::with(dim_feedforward, d_model, linear),
            norm1: norm()?,
            norm2: norm()?,
            dropout1: Dropout::new(dropout),
            dropout2: Dropout::new(dropout),
            options,
        })
    }

    /// The output for `source`, with the masks of [`Attending`]; PyTorch's `src_mask` and `src_key_padding_mask`.
    ///
    /// # Panics
    ///
    /// When the shapes or kinds do not fit.
    #[track_caller]
    pub fn forward_masked(
        &self,
        source: &Tensor,
        src_mask: Option<&Tensor>,
        src_key_padding_mask: Option<&Tensor>,
        mode: Mode,
    ) -> Tensor {
        let attending = Attending {
            key_padding_mask: src_key_padding_mask,
            attn_mask: src_mask,
            weights: AttentionWeights::None,
        };
        let attended = |input: &Tensor| {
            let (output, _) = self.self_attn.attend(input, input, input, attending, mode);
            self.dropout1.forward(&output, mode)
        };
        if self.options.norm_first {
            let hidden = source + attended(&self.norm1.forward(source, mode));
            let output = self.feed_forward(&self.norm2.forward(&hidden, mode), mode);
            return hidden + output;
        }
        let hidden = self.norm1.forward(&(source + attended(source)), mode);
        self.norm2.forward(&(&hidden + self.feed_forward(&hidden, mode)), mode)
    }

    #[track_caller]
    fn feed_forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        let hidden = self.linear1.forward(input, mode);
        let hidden = match self.options.activation {
            TransformerActivation::Relu => functional::relu(&hidden),
            TransformerActivation::Gelu => functional::gelu(&hidden, GeluApproximate::None),
        };
        let hidden = self.dropout.forward(&hidden, mode);
        self.dropout2.forward(&self.linear2.forward(&hidden, mode), mode)
    }

    /// A layer with the same values in tensors of its own.
    pub(super) fn copied(&self) -> Self {
        Self {
            self_attn: self.self_attn.copied(),
            linear1: self.linear1.copied(),
            linear2: self.linear2.copied(),
            norm1: self.norm1.copied(),
            norm2: self.norm2.copied(),
            ..*self
        }
    }
}

impl Forward for TransformerEncoderLayer {
    /// The output without masks.
    #[track_caller]
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        self.forward_masked(input, None, None, mode)
    }
}
