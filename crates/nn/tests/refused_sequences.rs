//! What embedding, recurrent, attention and resampling layers refuse, and how they say so.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use selvedge_nn::functional::Attending;
use selvedge_nn::{
    Bilinear, Embedding, EmbeddingOptions, Forward, Gru, GruOptions, Lstm, LstmOptions, LstmState, Mode,
    MultiheadAttention, MultiheadAttentionOptions, NnError, PixelShuffle, PixelUnshuffle, Rnn, RnnOptions,
    TransformerEncoder, TransformerEncoderLayer, TransformerEncoderLayerOptions, Upsample, UpsampleMode,
    UpsampleTo,
};
use tch::{Device, Kind, Tensor};

/// Held by each test that draws, since the generator is shared by all threads.
static GENERATOR: Mutex<()> = Mutex::new(());

fn generator() -> MutexGuard<'static, ()> {
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

fn zeros(size: &[i64]) -> Tensor {
    Tensor::zeros(size, (Kind::Float, Device::Cpu))
}

/// The message of the panic of `f`.
fn panic_of<T>(f: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| drop(f()))).expect_err("it panics");
    let literal = || panic.downcast_ref::<&str>().map(ToString::to_string);
    panic.downcast_ref::<String>().cloned().or_else(literal).expect("a message")
}

#[track_caller]
fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
}

fn refused<T>(result: Result<T, NnError>, option: &str) {
    match result {
        Err(error @ NnError::Option { .. }) => says(&error.to_string(), &[option, "expected"]),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("{option} was taken"),
    }
}

#[test]
fn options_out_of_their_domain_are_errors() {
    let _generator = generator();
    let embedding = |options| Embedding::with(10, 3, options);
    let default = EmbeddingOptions::default();
    refused(embedding(EmbeddingOptions { padding_idx: Some(10), ..default }), "padding_idx");
    refused(embedding(EmbeddingOptions { padding_idx: Some(-11), ..default }), "padding_idx");
    refused(embedding(EmbeddingOptions { max_norm: Some(-1.0), ..default }), "max_norm");
    refused(embedding(EmbeddingOptions { max_norm: Some(f64::NAN), ..default }), "max_norm");
    refused(embedding(EmbeddingOptions { norm_type: 0.0, ..default }), "norm_type");
    let sparse = EmbeddingOptions { sparse: true, scale_grad_by_freq: true, ..default };
    refused(embedding(sparse), "scale_grad_by_freq");
    let last = embedding(EmbeddingOptions { padding_idx: Some(-1), ..default }).unwrap();
    assert_eq!(last.options().padding_idx, Some(9));

    refused(Rnn::with(3, 4, RnnOptions { num_layers: 0, ..RnnOptions::default() }), "num_layers");
    refused(Rnn::with(3, 4, RnnOptions { dropout: 1.5, ..RnnOptions::default() }), "dropout");
    refused(Gru::with(3, 4, GruOptions { dropout: f64::NAN, ..GruOptions::default() }), "dropout");
    refused(Lstm::with(3, 4, LstmOptions { proj_size: 4, ..LstmOptions::default() }), "proj_size");
    refused(Lstm::with(3, 4, LstmOptions { proj_size: -1, ..LstmOptions::default() }), "proj_size");

    let default = MultiheadAttentionOptions::default();
    let attention = |options| MultiheadAttention::with(4, 2, options);
    refused(attention(MultiheadAttentionOptions { dropout: -0.1, ..default }), "dropout");
    refused(attention(MultiheadAttentionOptions { kdim: Some(0), ..default }), "kdim");
    refused(attention(MultiheadAttentionOptions { vdim: Some(-1), ..default }), "vdim");

    let default = TransformerEncoderLayerOptions::default();
    let layer = |options| TransformerEncoderLayer::with(4, 2, options);
    refused(layer(TransformerEncoderLayerOptions { dropout: 1.1, ..default }), "dropout");
    refused(layer(TransformerEncoderLayerOptions { dim_feedforward: 0, ..default }), "dim_feedforward");
    refused(layer(TransformerEncoderLayerOptions { layer_norm_eps: f64::NAN, ..default }), "layer_norm_eps");

    for json in [r#"{"num_layer": 2}"#, r#"{"nonlinearity": "sine"}"#, r#"{"dropout": "much"}"#] {
        assert!(serde_json::from_str::<RnnOptions>(json).is_err(), "{json}");
    }
    assert!(serde_json::from_str::<GruOptions>(r#"{"proj_size": 1}"#).is_err());
}

#[test]
fn sizes_that_are_nonsense_panic() {
    let _generator = generator();
    says(&panic_of(|| Embedding::new(-1, 3)), &["Embedding", "num_embeddings", "found -1"]);
    says(&panic_of(|| Bilinear::new(0, 3, 2)), &["Bilinear", "in1_features", "found 0"]);
    says(&panic_of(|| Rnn::new(0, 3)), &["RNN", "input_size", "found 0"]);
    says(&panic_of(|| Lstm::new(3, 0)), &["LSTM", "hidden_size", "found 0"]);
    says(&panic_of(|| MultiheadAttention::new(4, 3)), &["MultiheadAttention", "divisible", "4 and 3"]);
    let layer = TransformerEncoderLayer::new(4, 2);
    says(&panic_of(|| TransformerEncoder::new(&layer, 0, None)), &["TransformerEncoder", "num_layers"]);
    says(&panic_of(|| Gru::new(3, -2)), &["GRU", "hidden_size", "found -2"]);
}

#[test]
fn shapes_and_kinds_that_do_not_fit_panic() {
    let _generator = generator();
    let eval = Mode::Eval;
    let words = Embedding::new(10, 3);
    says(&panic_of(|| words.forward(&zeros(&[2]), eval)), &["embedding", "Int64", "found Float"]);
    let unknown = Tensor::from_slice(&[3_i64, 10]);
    says(&panic_of(|| words.forward(&unknown, eval)), &["embedding with 10 rows", "out of range"]);

    let layer = Bilinear::new(3, 4, 2);
    let message = panic_of(|| layer.forward(&zeros(&[5, 3]), &zeros(&[5, 3])));
    says(&message, &["Bilinear(in1_features=3", "[.., 4]", "[5, 3]"]);
    let message = panic_of(|| layer.forward(&zeros(&[5, 3]), &zeros(&[6, 4])));
    says(&message, &["bilinear", "[6, 4]", "[5, 3]"]);

    let message = panic_of(|| PixelShuffle { upscale_factor: 2 }.forward(&zeros(&[1, 3, 2, 2]), eval));
    says(&message, &["pixel_shuffle by 2", "[1, 3, 2, 2]"]);
    let message = panic_of(|| PixelUnshuffle { downscale_factor: 0 }.forward(&zeros(&[1, 3, 2, 2]), eval));
    says(&message, &["pixel_unshuffle by 0", "positive"]);

    let bilinear = Upsample {
        mode: UpsampleMode::Bilinear { align_corners: false },
        ..Upsample::new(UpsampleTo::Scale(2.0))
    };
    let message = panic_of(|| bilinear.forward(&zeros(&[1, 2, 3]), eval));
    says(&message, &["mode bilinear", "4 dimensions", "[1, 2, 3]"]);
    let sizes = Upsample::new(UpsampleTo::Sizes(vec![3, 4]));
    says(&panic_of(|| sizes.forward(&zeros(&[1, 2, 3]), eval)), &["[3]", "Sizes([3, 4])"]);
    let nothing = Upsample::new(UpsampleTo::Scale(0.1));
    says(&panic_of(|| nothing.forward(&zeros(&[1, 2, 3]), eval)), &["interpolate to [0]", "[1, 2, 3]"]);

    let layer = Lstm::new(4, 3);
    for size in [&[2, 5][..], &[2, 3, 5], &[2, 3, 4, 4], &[4]] {
        says(&panic_of(|| layer.forward(&zeros(size), eval)), &["LSTM(4, 3)", "[L, N, 4]"]);
    }
    let double = zeros(&[2, 3, 4]).to_kind(Kind::Double);
    says(&panic_of(|| layer.forward(&double, eval)), &["LSTM", "kind Float", "found Double"]);
    let state = LstmState { hidden: zeros(&[1, 3, 3]), cell: zeros(&[1, 2, 3]) };
    let message = panic_of(|| layer.forward_with_state(&zeros(&[2, 3, 4]), Some(&state), eval));
    says(&message, &["LSTM: expected a state of shape [1, 3, 3]", "found [1, 2, 3]"]);
    let gru = Gru::new(4, 3);
    let message = panic_of(|| gru.forward_with_state(&zeros(&[2, 4]), Some(&zeros(&[1, 1, 3])), eval));
    says(&message, &["GRU: expected a state of shape [1, 3]", "found [1, 1, 3]"]);
}

#[test]
fn attention_names_the_sequence_or_mask_that_does_not_fit() {
    let _generator = generator();
    let layer = MultiheadAttention::new(4, 2);
    let (query, key) = (zeros(&[3, 2, 4]), zeros(&[5, 2, 4]));
    let attend = |key: &Tensor, value: &Tensor, attending| {
        panic_of(|| layer.attend(&query, key, value, attending, Mode::Eval))
    };
    let none = Attending::default();
    says(&panic_of(|| layer.forward(&zeros(&[3, 2, 5]), Mode::Eval)), &["query", "[L, N, 4]", "[3, 2, 5]"]);
    says(&attend(&zeros(&[5, 4]), &key, none), &["MultiheadAttention: key", "[L, N, 4]", "[5, 4]"]);
    says(&attend(&key, &zeros(&[6, 2, 4]), none), &["MultiheadAttention: value", "[5, 2]", "[6, 2, 4]"]);
    let other_batch = zeros(&[5, 3, 4]);
    says(&attend(&other_batch, &other_batch, none), &["MultiheadAttention: key", "batch", "[5, 3, 4]"]);
    let mask = zeros(&[3, 3]);
    let wrong = Attending { attn_mask: Some(&mask), ..none };
    says(&attend(&key, &key, wrong), &["attn_mask", "[3, 5] or [4, 3, 5]", "[3, 3]"]);
    let wrong = Attending { key_padding_mask: Some(&mask), ..none };
    says(&attend(&key, &key, wrong), &["key_padding_mask", "[2, 5]", "[3, 3]"]);
    let integers = Tensor::zeros([2, 5], (Kind::Int64, Device::Cpu));
    let wrong = Attending { key_padding_mask: Some(&integers), ..none };
    says(&attend(&key, &key, wrong), &["key_padding_mask", "Bool", "Int64"]);
}
