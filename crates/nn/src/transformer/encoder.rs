use tch::Tensor;

use super::TransformerEncoderLayer;
use crate::{Forward, LayerNorm, Mode, Module, ModuleList};

/// Transformer layers in a row, with a normalisation at the end if one is given; PyTorch's `TransformerEncoder`.
///
/// As in PyTorch, the layers are copies of the one that is given and so begin with the same values.
///
/// # Shapes
///
/// Those of the layers.
///
/// Differs from PyTorch: what is computed at padded steps does not depend on the mode; PyTorch's fast path returns
/// zeros there.
///
/// ```
/// use selvedge_nn::functional::causal_mask;
/// use selvedge_nn::{LayerNorm, Mode, TransformerEncoder, TransformerEncoderLayer};
/// use tch::{Device, Kind, Tensor};
///
/// let encoder = TransformerEncoder::new(&TransformerEncoderLayer::new(16, 4), 2, Some(LayerNorm::new(16)));
/// let words = Tensor::randn([10, 3, 16], (Kind::Float, Device::Cpu));
/// let output = encoder.forward_masked(&words, Some(&causal_mask(10)), None, Mode::Eval);
/// assert_eq!(output.size(), words.size());
/// ```
#[derive(Debug, Module)]
pub struct TransformerEncoder {
    /// The layers, in order.
    pub layers: ModuleList<TransformerEncoderLayer>,
    /// What the output of the last goes through.
    pub norm: Option<LayerNorm>,
}

impl TransformerEncoder {
    /// `num_layers` copies of `layer`.
    ///
    /// # Panics
    ///
    /// When there is no layer.
    #[must_use]
    #[track_caller]
    pub fn new(layer: &TransformerEncoderLayer, num_layers: usize, norm: Option<LayerNorm>) -> Self {
        assert!(num_layers > 0, "TransformerEncoder: expected num_layers of at least 1, found 0");
        Self { layers: (0..num_layers).map(|_| layer.copied()).collect(), norm }
    }

    /// The output for `source`, with the masks of [`TransformerEncoderLayer::forward_masked`] in each layer;
    /// PyTorch's `mask` and `src_key_padding_mask`.
    ///
    /// # Panics
    ///
    /// When the shapes or kinds do not fit.
    #[track_caller]
    pub fn forward_masked(
        &self,
        source: &Tensor,
        mask: Option<&Tensor>,
        src_key_padding_mask: Option<&Tensor>,
        mode: Mode,
    ) -> Tensor {
        let output = self.layers.iter().fold(source.shallow_clone(), |value, layer| {
            layer.forward_masked(&value, mask, src_key_padding_mask, mode)
        });
        match &self.norm {
            Some(norm) => norm.forward(&output, mode),
            None => output,
        }
    }
}

impl Forward for TransformerEncoder {
    /// The output without masks.
    #[track_caller]
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        self.forward_masked(input, None, None, mode)
    }
}
