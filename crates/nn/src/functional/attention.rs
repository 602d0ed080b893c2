use tch::{Kind, Tensor};

use super::{dropout, linear};
use crate::{Mode, misuse};

/// `softmax(query · keyᵀ / √E + mask) · value`, by libtorch's fused kernel where it has one. PyTorch:
/// `torch.nn.functional.scaled_dot_product_attention`; Vaswani et al., Attention Is All You Need, 2017.
///
/// A mask of kind `Bool` is true where a query may attend to a key; of a floating-point kind, it is added. In
/// [`Mode::Train`], weights are dropped with probability `p`.
///
/// # Shapes
///
/// `query` `[.., L, E]`, `key` `[.., S, E]`, `value` `[.., S, V]`, `mask` that broadcasts to `[.., L, S]`; the output
/// is `[.., L, V]`.
///
/// # Panics
///
/// When the shapes or kinds do not fit.
#[track_caller]
pub fn scaled_dot_product_attention(
    query: &Tensor,
    key: &Tensor,
    value: &Tensor,
    mask: Option<&Tensor>,
    p: f64,
    mode: Mode,
) -> Tensor {
    let p = if mode.is_train() { p } else { 0.0 };
    let output = Tensor::f_scaled_dot_product_attention(query, key, value, mask, p, false, None, false);
    misuse::torch("scaled_dot_product_attention", query, output)
}

/// The mask that lets each of `length` steps attend to itself and those before: 0 where it may, -∞ elsewhere.
/// PyTorch: `torch.nn.Transformer.generate_square_subsequent_mask`.
///
/// ```
/// let mask = selvedge_nn::functional::causal_mask(2);
/// assert_eq!(Vec::<f32>::try_from(mask.flatten(0, -1)).unwrap(), [0.0, f32::NEG_INFINITY, 0.0, 0.0]);
/// ```
pub fn causal_mask(length: i64) -> Tensor {
    Tensor::full([length, length], f64::NEG_INFINITY, (Kind::Float, tch::Device::Cpu)).triu(1)
}

/// What [`multi_head_attention`] is given besides the sequences.
#[derive(Debug, Clone, Copy, Default)]
pub struct Attending<'a> {
    /// Of shape `[N, S]`, or `[S]` for one sequence: the keys to leave out, as a mask of kind `Bool`, or what is
    /// added to the scores of each. Default: none
    pub key_padding_mask: Option<&'a Tensor>,
    /// Of shape `[L, S]` or `[N·heads, L, S]`: the pairs of query and key to leave out, likewise. Default: none
    pub attn_mask: Option<&'a Tensor>,
    /// Which weights are returned. Default: [`AttentionWeights::Averaged`]
    pub weights: AttentionWeights,
}

/// Which weights an attention returns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AttentionWeights {
    /// None, which lets libtorch use its fused kernel; PyTorch's `need_weights=False`.
    None,
    /// The mean over the heads, `[N, L, S]`.
    #[default]
    Averaged,
    /// Those of each head, `[N, heads, L, S]`; PyTorch's `average_attn_weights=False`.
    PerHead,
}

/// The parameters of [`multi_head_attention`].
#[derive(Debug, Clone, Copy)]
pub struct AttentionParameters<'a> {
    /// How many heads attend, each with its part of the embedding.
    pub num_heads: i64,
    /// The weights `[E, E]`, `[E, kdim]` and `[E, vdim]`, or one weight `[3·E, E]` for all three.
    pub in_proj: InProjection<'a>,
    /// Shape `[3·E]`.
    pub in_proj_bias: Option<&'a Tensor>,
    /// A key and a value that are appended to each sequence, `[1, 1, E]` each.
    pub bias_kv: Option<(&'a Tensor, &'a Tensor)>,
    /// Whether a key and a value of zeros are appended.
    pub add_zero_attn: bool,
    /// The probability to drop a weight in training.
    pub dropout: f64,
    /// Shape `[E, E]`.
    pub out_proj_weight: &'a Tensor,
    /// Shape `[E]`.
    pub out_proj_bias: Option<&'a Tensor>,
}

/// The weights by which query, key and value are projected.
#[derive(Debug, Clone, Copy)]
pub enum InProjection<'a> {
    /// One below the other, `[3·E, E]`.
    Packed(&'a Tensor),
    /// Of query, key and value.
    Separate([&'a Tensor; 3]),
}

impl AttentionParameters<'_> {
    #[track_caller]
    fn project(&self, sequences: [&Tensor; 3]) -> [Tensor; 3] {
        let [query, key, value] = sequences;
        if let InProjection::Packed(weight) = self.in_proj
            && std::ptr::eq(query, key)
            && std::ptr::eq(key, value)
        {
            return three(linear(query, weight, self.in_proj_bias).chunk(3, -1));
        }
        let weights = match self.in_proj {
            InProjection::Packed(weight) => three(weight.chunk(3, 0)),
            InProjection::Separate(weights) => weights.map(Tensor::shallow_clone),
        };
        let biases = self.in_proj_bias.map(|bias| three(bias.chunk(3, 0)));
        std::array::from_fn(|index| {
            linear(sequences[index], &weights[index], biases.as_ref().map(|biases| &biases[index]))
        })
    }
}

/// Attention of several heads: each attends with its part of the projected embeddings, and what they find is
/// projected once more. PyTorch: `torch.nn.functional.multi_head_attention_forward`.
///
/// Returns the output and, where they are asked for, the weights.
///
/// # Shapes
///
/// `query` `[L, N, E]`, `key` `[S, N, kdim]`, `value` `[S, N, vdim]`; the output is `[L, N, E]`.
///
/// Differs from PyTorch: sequences without a batch are the layer's matter, and there is no `is_causal` beside the
/// mask that it announces; [`causal_mask`] makes that.
///
/// # Panics
///
/// When the shapes or kinds do not fit.
#[track_caller]
pub fn multi_head_attention(
    query: &Tensor,
    key: &Tensor,
    value: &Tensor,
    parameters: &AttentionParameters<'_>,
    attending: Attending<'_>,
    mode: Mode,
) -> (Tensor, Option<Tensor>) {
    let heads = parameters.num_heads;
    let (length, batch, embedding) = query.size3().unwrap_or_else(|_| {
        panic!("MultiheadAttention: expected a query of shape [L, N, E], found {:?}", query.size())
    });
    let sources = key.size()[0];
    let mut mask = Mask::new(attending, [length, sources, batch, heads], query.kind());
    let [query, mut key, mut value] = parameters.project([query, key, value]);
    if let Some((bias_key, bias_value)) = parameters.bias_kv {
        key = Tensor::cat(&[key, bias_key.repeat([1, batch, 1])], 0);
        value = Tensor::cat(&[value, bias_value.repeat([1, batch, 1])], 0);
        mask.append();
    }
    if parameters.add_zero_attn {
        let zeros = || Tensor::zeros([1, batch, embedding], (key.kind(), key.device()));
        (key, value) = (Tensor::cat(&[&key, &zeros()], 0), Tensor::cat(&[&value, &zeros()], 0));
        mask.append();
    }
    let head_length = embedding / heads;
    let split = |sequence: &Tensor| {
        sequence.reshape([-1, batch, heads, head_length]).permute([1, 2, 0, 3]).contiguous()
    };
    let (query, key, value) = (split(&query), split(&key), split(&value));
    let mask = mask.sum();
    let (output, weights) = if attending.weights == AttentionWeights::None {
        let p = parameters.dropout;
        (scaled_dot_product_attention(&query, &key, &value, mask.as_ref(), p, mode), None)
    } else {
        let scores = (query * (1.0 / head_length as f64).sqrt()).matmul(&key.transpose(-2, -1));
        let scores = if let Some(mask) = mask { scores + mask } else { scores };
        let weights = dropout(&scores.softmax(-1, None), parameters.dropout, mode);
        (weights.matmul(&value), Some(weights))
    };
    let output = output.permute([2, 0, 1, 3]).reshape([length, batch, embedding]);
    let output = linear(&output, parameters.out_proj_weight, parameters.out_proj_bias);
    let weights = weights.map(|weights| {
        if attending.weights == AttentionWeights::Averaged {
            weights.mean_dim(1, false, None)
        } else {
            weights
        }
    });
    (output, weights)
}

/// What is added to the scores, still in its two parts.
struct Mask {
    /// `[1 or N, 1 or heads, L, S]`.
    attention: Option<Tensor>,
    /// `[N, 1, 1, S]`.
    padding: Option<Tensor>,
}

impl Mask {
    #[track_caller]
    fn new(attending: Attending<'_>, [length, sources, batch, heads]: [i64; 4], kind: Kind) -> Self {
        let additive = |name: &str, mask: &Tensor, expected: &[&[i64]]| {
            let found = mask.size();
            assert!(
                expected.contains(&found.as_slice()),
                "MultiheadAttention: expected {name} of shape {}, found {found:?}",
                expected.iter().map(|size| format!("{size:?}")).collect::<Vec<_>>().join(" or "),
            );
            match mask.kind() {
                Kind::Bool => mask.zeros_like().to_kind(kind).masked_fill(mask, f64::NEG_INFINITY),
                found => {
                    assert!(
                        mask.is_floating_point(),
                        "MultiheadAttention: expected {name} of kind Bool or a floating-point kind, found {found:?}"
                    );
                    mask.to_kind(kind)
                }
            }
        };
        let attention = attending.attn_mask.map(|mask| {
            let mask = additive("attn_mask", mask, &[&[length, sources], &[batch * heads, length, sources]]);
            if mask.dim() == 3 {
                mask.reshape([batch, heads, length, sources])
            } else {
                mask.reshape([1, 1, length, sources])
            }
        });
        let padding = attending.key_padding_mask.map(|mask| {
            additive("key_padding_mask", mask, &[&[batch, sources]]).reshape([batch, 1, 1, sources])
        });
        Self { attention, padding }
    }

    /// Lets a key that was appended be attended to.
    fn append(&mut self) {
        for mask in [&mut self.attention, &mut self.padding].into_iter().flatten() {
            *mask = mask.constant_pad_nd([0, 1]);
        }
    }

    fn sum(self) -> Option<Tensor> {
        match (self.attention, self.padding) {
            (Some(attention), Some(padding)) => Some(attention + padding),
            (attention, padding) => attention.or(padding),
        }
    }
}

#[track_caller]
fn three(parts: Vec<Tensor>) -> [Tensor; 3] {
    let found = parts.len();
    parts
        .try_into()
        .unwrap_or_else(|_| panic!("MultiheadAttention: expected three projections, found {found}"))
}
