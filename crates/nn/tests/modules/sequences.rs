use selvedge_nn::functional::{Attending, AttentionWeights};
use selvedge_nn::{
    Bilinear, Embedding, Gru, LayerNorm, Lstm, LstmState, Mode, Module, MultiheadAttention, PixelShuffle,
    PixelUnshuffle, Rnn, TransformerEncoder, TransformerEncoderLayer, Upsample, UpsampleMode, UpsampleTo,
};
use serde_json::Value;
use tch::Tensor;

use crate::unit::{Arguments, Table, Unit, many, one};

pub(crate) const UNITS: Table = &[
    ("Bilinear", |it| {
        let sizes = (it.take("in1_features"), it.take("in2_features"), it.take("out_features"));
        many(Bilinear::with(sizes.0, sizes.1, sizes.2, it.options()), |layer, inputs, _| {
            vec![layer.forward(&inputs[0], &inputs[1])]
        })
    }),
    ("Embedding", |it| {
        let (words, length) = (it.take("num_embeddings"), it.take("embedding_dim"));
        one(Embedding::with(words, length, it.options()).expect("good options"))
    }),
    ("GRU", |it| {
        let (inputs, hidden) = (it.take("input_size"), it.take("hidden_size"));
        let layer = Gru::with(inputs, hidden, it.options()).expect("good options");
        recurrent(layer, Gru::forward_with_state)
    }),
    ("LSTM", lstm),
    ("MultiheadAttention", multihead_attention),
    ("PixelShuffle", |it| one(it.options::<PixelShuffle>())),
    ("PixelUnshuffle", |it| one(it.options::<PixelUnshuffle>())),
    ("RNN", |it| {
        let (inputs, hidden) = (it.take("input_size"), it.take("hidden_size"));
        let layer = Rnn::with(inputs, hidden, it.options()).expect("good options");
        recurrent(layer, Rnn::forward_with_state)
    }),
    ("TransformerEncoder", transformer_encoder),
    ("TransformerEncoderLayer", |it| {
        let layer = encoder_layer(it);
        let (mask, padding) = (it.mask("src_mask"), it.mask("src_key_padding_mask"));
        many(layer, move |layer, inputs, mode| {
            let (mask, padding) = (like(&mask, &inputs[0]), like(&padding, &inputs[0]));
            vec![layer.forward_masked(&inputs[0], mask.as_ref(), padding.as_ref(), mode)]
        })
    }),
    ("Upsample", |it| one(upsample(it))),
];

/// A mask of numbers in the kind of the input.
fn like(mask: &Option<Tensor>, input: &Tensor) -> Option<Tensor> {
    let convert =
        |mask: &Tensor| if mask.is_floating_point() { mask.to_kind(input.kind()) } else { mask.copy() };
    mask.as_ref().map(convert)
}

fn recurrent<M: Module + 'static>(
    layer: M,
    run: fn(&M, &Tensor, Option<&Tensor>, Mode) -> (Tensor, Tensor),
) -> Box<dyn Unit> {
    many(layer, move |layer, inputs, mode| {
        let (output, state) = run(layer, &inputs[0], inputs.get(1), mode);
        vec![output, state]
    })
}

fn lstm(it: &mut Arguments<'_>) -> Box<dyn Unit> {
    let (inputs, hidden) = (it.take("input_size"), it.take("hidden_size"));
    let layer = Lstm::with(inputs, hidden, it.options()).expect("good options");
    many(layer, |layer, inputs, mode| {
        let state = inputs
            .get(1)
            .map(|hidden| LstmState { hidden: hidden.shallow_clone(), cell: inputs[2].shallow_clone() });
        let (output, state) = layer.forward_with_state(&inputs[0], state.as_ref(), mode);
        vec![output, state.hidden, state.cell]
    })
}

fn multihead_attention(it: &mut Arguments<'_>) -> Box<dyn Unit> {
    let (length, heads) = (it.take("embed_dim"), it.take("num_heads"));
    let layer = MultiheadAttention::with(length, heads, it.options()).expect("good options");
    let (padding, pairs) = (it.mask("key_padding_mask"), it.mask("attn_mask"));
    let weights = match (it.call("need_weights"), it.call("average_attn_weights")) {
        (Some(false), _) => AttentionWeights::None,
        (_, Some(false)) => AttentionWeights::PerHead,
        _ => AttentionWeights::default(),
    };
    many(layer, move |layer, inputs, mode| {
        let query = &inputs[0];
        let (key, value) = (inputs.get(1).unwrap_or(query), inputs.get(2).unwrap_or(query));
        let (padding, pairs) = (like(&padding, query), like(&pairs, query));
        let attending = Attending { key_padding_mask: padding.as_ref(), attn_mask: pairs.as_ref(), weights };
        let (output, weights) = layer.attend(query, key, value, attending, mode);
        std::iter::once(output).chain(weights).collect()
    })
}

fn encoder_layer(it: &mut Arguments<'_>) -> TransformerEncoderLayer {
    let (length, heads) = (it.take("d_model"), it.take("nhead"));
    TransformerEncoderLayer::with(length, heads, it.options()).expect("good options")
}

fn transformer_encoder(it: &mut Arguments<'_>) -> Box<dyn Unit> {
    let layer = encoder_layer(&mut it.inner("encoder_layer"));
    let norm = it.take::<bool>("norm").then(|| LayerNorm::new(layer.linear1.weight.size()[1]));
    let encoder = TransformerEncoder::new(&layer, it.take("num_layers"), norm);
    let (mask, padding) = (it.mask("mask"), it.mask("src_key_padding_mask"));
    many(encoder, move |encoder, inputs, mode| {
        let (mask, padding) = (like(&mask, &inputs[0]), like(&padding, &inputs[0]));
        vec![encoder.forward_masked(&inputs[0], mask.as_ref(), padding.as_ref(), mode)]
    })
}

/// PyTorch gives a size or a scale, each for all dimensions or one by one, and the corners beside the mode.
fn upsample(it: &mut Arguments<'_>) -> Upsample {
    let (size, scale): (Value, Value) = (it.take("size"), it.take("scale_factor"));
    let integers = |list: &Vec<Value>| list.iter().filter_map(Value::as_i64).collect();
    let numbers = |list: &Vec<Value>| list.iter().filter_map(Value::as_f64).collect();
    let to = size
        .as_i64()
        .map(UpsampleTo::Size)
        .or_else(|| size.as_array().map(|list| UpsampleTo::Sizes(integers(list))))
        .or_else(|| scale.as_f64().map(UpsampleTo::Scale))
        .or_else(|| scale.as_array().map(|list| UpsampleTo::Scales(numbers(list))));
    let align_corners = it.take::<Option<bool>>("align_corners").unwrap_or_default();
    let mode = match it.take::<String>("mode").as_str() {
        "nearest" => UpsampleMode::Nearest,
        "linear" => UpsampleMode::Linear { align_corners },
        "bilinear" => UpsampleMode::Bilinear { align_corners },
        "bicubic" => UpsampleMode::Bicubic { align_corners },
        "trilinear" => UpsampleMode::Trilinear { align_corners },
        other => panic!("no mode {other}"),
    };
    let recompute_scale_factor = it.take::<Option<bool>>("recompute_scale_factor").unwrap_or_default();
    Upsample { to: to.expect("a size or a scale"), mode, recompute_scale_factor }
}
