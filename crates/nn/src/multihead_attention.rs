use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use crate::functional::{Attending, AttentionParameters, AttentionWeights, InProjection};
use crate::repr::python::Python;
use crate::{
    Forward, Linear, LinearOptions, Mode, Module, NnError, functional, init, misuse, observe_products,
    parameter,
};

/// Attention of several heads, each of which looks for what its queries ask among the keys and returns the values;
/// PyTorch's `MultiheadAttention`, by Vaswani et al., Attention Is All You Need, 2017.
///
/// The input weights are drawn by [`init::xavier_uniform_`], biases are zero, and `bias_k` and `bias_v` are drawn by
/// [`init::xavier_normal_`].
///
/// # Shapes
///
/// `query` `[L, N, E]`, `key` `[S, N, kdim]`, `value` `[S, N, vdim]` to `[L, N, E]`; with `batch_first`, `N` comes first;
/// without `N`, one sequence.
///
/// Differs from PyTorch: as a [`Forward`] it is self-attention without masks that returns no weights;
/// [`attend`](Self::attend) takes the rest.
///
/// ```
/// use selvedge_nn::functional::{Attending, causal_mask};
/// use selvedge_nn::{Mode, MultiheadAttention};
/// use tch::{Device, Kind, Tensor};
///
/// let layer = MultiheadAttention::new(8, 2);
/// let words = Tensor::randn([5, 3, 8], (Kind::Float, Device::Cpu));
/// let mask = causal_mask(5);
/// let attending = Attending { attn_mask: Some(&mask), ..Attending::default() };
/// let (output, weights) = layer.attend(&words, &words, &words, attending, Mode::Eval);
/// assert_eq!(output.size(), [5, 3, 8]);
/// assert_eq!(weights.map(|weights| weights.size()), Some(vec![3, 5, 5]));
/// ```
#[derive(Debug, Module)]
pub struct MultiheadAttention {
    /// Shape `[3·E, E]`, where keys and values have the length of the queries.
    #[module(parameter)]
    pub in_proj_weight: Option<Tensor>,
    /// Shape `[E, E]`, where they have another.
    #[module(parameter)]
    pub q_proj_weight: Option<Tensor>,
    /// Shape `[E, kdim]`, likewise.
    #[module(parameter)]
    pub k_proj_weight: Option<Tensor>,
    /// Shape `[E, vdim]`, likewise.
    #[module(parameter)]
    pub v_proj_weight: Option<Tensor>,
    /// Shape `[3·E]`.
    #[module(parameter)]
    pub in_proj_bias: Option<Tensor>,
    /// Shape `[1, 1, E]`.
    #[module(parameter)]
    pub bias_k: Option<Tensor>,
    /// Shape `[1, 1, E]`.
    #[module(parameter)]
    pub bias_v: Option<Tensor>,
    /// From the heads to the output.
    pub out_proj: OutProjection,
    #[module(skip)]
    num_heads: i64,
    #[module(skip)]
    options: MultiheadAttentionOptions,
}

/// The options of [`MultiheadAttention`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MultiheadAttentionOptions {
    /// The probability to drop a weight in training. Default: 0
    pub dropout: f64,
    /// Whether the projections have biases. Default: true
    pub bias: bool,
    /// Whether a learnt key and value are appended to each sequence. Default: false
    pub add_bias_kv: bool,
    /// Whether a key and value of zeros are appended to each sequence. Default: false
    pub add_zero_attn: bool,
    /// The length of a key. Default: that of a query
    pub kdim: Option<i64>,
    /// The length of a value. Default: that of a query
    pub vdim: Option<i64>,
    /// Whether the sequences are `[N, L, E]` rather than `[L, N, E]`. Default: false
    pub batch_first: bool,
}

impl Default for MultiheadAttentionOptions {
    fn default() -> Self {
        Self {
            dropout: 0.0,
            bias: true,
            add_bias_kv: false,
            add_zero_attn: false,
            kdim: None,
            vdim: None,
            batch_first: false,
        }
    }
}

/// A [`Linear`] that PyTorch prints under the name of a class of its own.
#[derive(Debug, Module)]
#[module(name = "NonDynamicallyQuantizableLinear", extra_repr)]
pub struct OutProjection {
    /// The layer.
    #[module(flatten)]
    pub linear: Linear,
}

impl OutProjection {
    fn extra_repr(&self) -> String {
        Module::extra_repr(&self.linear)
    }
}

impl MultiheadAttention {
    /// Attention of `num_heads` heads over embeddings of length `embed_dim`, with PyTorch's defaults.
    ///
    /// # Panics
    ///
    /// When a size is not positive or `num_heads` does not divide `embed_dim`.
    #[must_use]
    #[track_caller]
    pub fn new(embed_dim: i64, num_heads: i64) -> Self {
        Self::with(embed_dim, num_heads, MultiheadAttentionOptions::default()).expect("the defaults are good")
    }

    /// Attention with options.
    ///
    /// # Errors
    ///
    /// When `dropout` lies outside `[0, 1]`, or `kdim` or `vdim` is not positive.
    ///
    /// # Panics
    ///
    /// When a size is not positive or `num_heads` does not divide `embed_dim`.
    #[track_caller]
    pub fn with(embed_dim: i64, num_heads: i64, options: MultiheadAttentionOptions) -> Result<Self, NnError> {
        assert!(
            embed_dim > 0 && num_heads > 0 && embed_dim % num_heads == 0,
            "MultiheadAttention: expected a positive embed_dim divisible by num_heads, found {embed_dim} and {num_heads}"
        );
        let refused = |option, expected, found: &dyn Python| {
            Err(NnError::option("MultiheadAttention", option, expected, found.python()))
        };
        if !(0.0..=1.0).contains(&options.dropout) {
            return refused("dropout", "a probability in [0, 1]", &options.dropout);
        }
        for (option, length) in [("kdim", options.kdim), ("vdim", options.vdim)] {
            if length.is_some_and(|length| length <= 0) {
                return refused(option, "at least 1", &length);
            }
        }
        let (kdim, vdim) = (options.kdim.unwrap_or(embed_dim), options.vdim.unwrap_or(embed_dim));
        let same = kdim == embed_dim && vdim == embed_dim;
        // In PyTorch's order of draws, in which the output comes first.
        let linear = Linear::with(embed_dim, embed_dim, LinearOptions { bias: options.bias });
        if let Some(bias) = &linear.bias {
            init::zeros_(bias);
        }
        let drawn = |wanted: bool, size: &[i64], draw: fn(&Tensor, f64) -> Result<(), init::InitError>| {
            wanted.then(|| {
                let tensor = Tensor::empty(size, (Kind::Float, Device::Cpu));
                draw(&tensor, 1.0).expect("a weight has at least two dimensions");
                tensor.set_requires_grad(true)
            })
        };
        Ok(Self {
            in_proj_weight: drawn(same, &[3 * embed_dim, embed_dim], init::xavier_uniform_),
            q_proj_weight: drawn(!same, &[embed_dim, embed_dim], init::xavier_uniform_),
            k_proj_weight: drawn(!same, &[embed_dim, kdim], init::xavier_uniform_),
            v_proj_weight: drawn(!same, &[embed_dim, vdim], init::xavier_uniform_),
            in_proj_bias: drawn(options.bias, &[3 * embed_dim], |bias, _| {
                init::zeros_(bias);
                Ok(())
            }),
            bias_k: drawn(options.add_bias_kv, &[1, 1, embed_dim], init::xavier_normal_),
            bias_v: drawn(options.add_bias_kv, &[1, 1, embed_dim], init::xavier_normal_),
            out_proj: OutProjection { linear },
            num_heads,
            options,
        })
    }

    /// The output, and the weights where `attending` asks for them.
    ///
    /// # Panics
    ///
    /// When the shapes or kinds do not fit.
    #[track_caller]
    pub fn attend(
        &self,
        query: &Tensor,
        key: &Tensor,
        value: &Tensor,
        attending: Attending<'_>,
        mode: Mode,
    ) -> (Tensor, Option<Tensor>) {
        self.check(query, key, value);
        let batched = query.dim() == 3;
        let sequence_first = |sequence: &Tensor| match (batched, self.options.batch_first) {
            (false, _) => sequence.unsqueeze(1),
            (true, true) => sequence.transpose(0, 1),
            (true, false) => sequence.shallow_clone(),
        };
        // The same sequence stays the same, so that it is projected once.
        let (self_attention, shared) = (std::ptr::eq(query, key), std::ptr::eq(key, value));
        let queries = sequence_first(query);
        let keys = if self_attention { None } else { Some(sequence_first(key)) };
        let values = if shared { None } else { Some(sequence_first(value)) };
        let keys = keys.as_ref().unwrap_or(&queries);
        let values = values.as_ref().unwrap_or(keys);
        let padding = attending
            .key_padding_mask
            .map(|mask| if batched { mask.shallow_clone() } else { mask.unsqueeze(0) });
        let attending = Attending { key_padding_mask: padding.as_ref(), ..attending };
        let (output, weights) =
            functional::multi_head_attention(&queries, keys, values, &self.parameters(), attending, mode);
        let output = observe_products(self, output, |_| self.multiply_adds(&queries, keys));
        if !batched {
            return (output.squeeze_dim(1), weights.map(|weights| weights.squeeze_dim(0)));
        }
        (if self.options.batch_first { output.transpose(0, 1) } else { output }, weights)
    }

    /// A layer with the same values in tensors of its own.
    pub(crate) fn copied(&self) -> Self {
        let copied = |weight: &Option<Tensor>| weight.as_ref().map(parameter::copied);
        Self {
            in_proj_weight: copied(&self.in_proj_weight),
            q_proj_weight: copied(&self.q_proj_weight),
            k_proj_weight: copied(&self.k_proj_weight),
            v_proj_weight: copied(&self.v_proj_weight),
            in_proj_bias: copied(&self.in_proj_bias),
            bias_k: copied(&self.bias_k),
            bias_v: copied(&self.bias_v),
            out_proj: OutProjection { linear: self.out_proj.linear.copied() },
            ..*self
        }
    }

    /// Those of the four projections, of the scores and of the weighted values.
    fn multiply_adds(&self, queries: &Tensor, keys: &Tensor) -> i64 {
        let embed_dim = self.out_proj.linear.out_features();
        let MultiheadAttentionOptions { add_bias_kv, add_zero_attn, kdim, vdim, .. } = self.options;
        let (steps, sources) = (queries.numel() as i64 / embed_dim, keys.size()[0] * keys.size()[1]);
        let attended = keys.size()[0] + i64::from(add_bias_kv) + i64::from(add_zero_attn);
        let projected = kdim.unwrap_or(embed_dim) + vdim.unwrap_or(embed_dim);
        embed_dim * (2 * steps * (embed_dim + attended) + sources * projected)
    }

    fn parameters(&self) -> AttentionParameters<'_> {
        let separate = [&self.q_proj_weight, &self.k_proj_weight, &self.v_proj_weight];
        let in_proj = match &self.in_proj_weight {
            Some(weight) => InProjection::Packed(weight),
            None => InProjection::Separate(
                separate.map(|weight| weight.as_ref().expect("one weight, or one for each input")),
            ),
        };
        AttentionParameters {
            num_heads: self.num_heads,
            in_proj,
            in_proj_bias: self.in_proj_bias.as_ref(),
            bias_kv: self.bias_k.as_ref().zip(self.bias_v.as_ref()),
            add_zero_attn: self.options.add_zero_attn,
            dropout: self.options.dropout,
            out_proj_weight: &self.out_proj.linear.weight,
            out_proj_bias: self.out_proj.linear.bias.as_ref(),
        }
    }

    #[track_caller]
    fn check(&self, query: &Tensor, key: &Tensor, value: &Tensor) {
        let embed_dim = self.out_proj.linear.out_features();
        let lengths =
            [embed_dim, self.options.kdim.unwrap_or(embed_dim), self.options.vdim.unwrap_or(embed_dim)];
        let dims = query.dim();
        for ((name, sequence), length) in
            ["query", "key", "value"].iter().zip([query, key, value]).zip(lengths)
        {
            let size = sequence.size();
            if !(2..=3).contains(&dims) || size.len() != dims || size.last() != Some(&length) {
                let batched = if self.options.batch_first { "[N, L, " } else { "[L, N, " };
                let layout = if dims == 2 { "[L, " } else { batched };
                misuse::shape(
                    &format!("MultiheadAttention: {name}"),
                    format_args!("{layout}{length}]"),
                    sequence,
                );
            }
        }
        let others = |sequence: &Tensor| sequence.size()[..dims - 1].to_vec();
        if others(key) != others(value) {
            let expected = format!("{:?}, that of the keys, before its last dimension", others(key));
            misuse::shape(&"MultiheadAttention: value", expected, value);
        }
        let batch = usize::from(!self.options.batch_first);
        if dims == 3 && query.size()[batch] != key.size()[batch] {
            let expected = format!("the batch of the queries, {}", query.size()[batch]);
            misuse::shape(&"MultiheadAttention: key", expected, key);
        }
    }
}

impl Forward for MultiheadAttention {
    /// Self-attention without masks.
    #[track_caller]
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        let attending = Attending { weights: AttentionWeights::None, ..Attending::default() };
        self.attend(input, input, input, attending, mode).0
    }
}
