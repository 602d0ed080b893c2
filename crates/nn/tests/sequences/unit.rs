//! The layers of the golden cases, built from the arguments that PyTorch was given.

use selvedge_golden::Case;
use selvedge_nn::functional::{Attending, AttentionWeights};
use selvedge_nn::{
    Bilinear, Embedding, Forward, Gru, LayerNorm, Lstm, LstmState, Mode, Module, ModuleExt,
    MultiheadAttention, PixelShuffle, PixelUnshuffle, Rnn, TransformerEncoder, TransformerEncoderLayer,
    Upsample, UpsampleMode, UpsampleTo, repr,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tch::{Kind, Tensor};

/// The units that have to have a case.
pub(crate) const UNITS: [&str; 11] = [
    "Bilinear",
    "Embedding",
    "GRU",
    "LSTM",
    "MultiheadAttention",
    "PixelShuffle",
    "PixelUnshuffle",
    "RNN",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "Upsample",
];

/// A layer and the way to run it.
pub(crate) trait Unit {
    fn named_parameters(&self) -> Vec<(String, Tensor)>;
    fn to_kind(&self, kind: Kind);
    fn repr(&self) -> String;
    fn run(&self, inputs: &[Tensor], mode: Mode) -> Vec<Tensor>;
}

struct Run<M, F> {
    module: M,
    run: F,
}

impl<M: Module, F: Fn(&M, &[Tensor], Mode) -> Vec<Tensor>> Unit for Run<M, F> {
    fn named_parameters(&self) -> Vec<(String, Tensor)> {
        self.module.named_parameters()
    }

    fn to_kind(&self, kind: Kind) {
        ModuleExt::to_kind(&self.module, kind);
    }

    fn repr(&self) -> String {
        repr(&self.module)
    }

    fn run(&self, inputs: &[Tensor], mode: Mode) -> Vec<Tensor> {
        (self.run)(&self.module, inputs, mode)
    }
}

fn unit<M: Module + 'static>(
    module: M,
    run: impl Fn(&M, &[Tensor], Mode) -> Vec<Tensor> + 'static,
) -> Box<dyn Unit> {
    Box::new(Run { module, run })
}

fn forward<M: Forward + 'static>(module: M) -> Box<dyn Unit> {
    unit(module, |module, inputs, mode| vec![module.forward(&inputs[0], mode)])
}

fn size(case: &Case, index: usize) -> i64 {
    case.options["args"][index].as_i64().expect("a size")
}

fn options<T: DeserializeOwned>(case: &Case) -> T {
    serde_json::from_value(case.options["options"].clone())
        .unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

pub(crate) fn build(case: &Case) -> Box<dyn Unit> {
    let (first, second) = (|| size(case, 0), || size(case, 1));
    match case.unit.as_str() {
        "Bilinear" => {
            unit(Bilinear::with(first(), second(), size(case, 2), options(case)), |layer, inputs, _| {
                vec![layer.forward(&inputs[0], &inputs[1])]
            })
        }
        "Embedding" => forward(Embedding::with(first(), second(), options(case)).expect("good options")),
        "RNN" => recurrent(
            Rnn::with(first(), second(), options(case)).expect("good options"),
            Rnn::forward_with_state,
        ),
        "GRU" => recurrent(
            Gru::with(first(), second(), options(case)).expect("good options"),
            Gru::forward_with_state,
        ),
        "LSTM" => unit(
            Lstm::with(first(), second(), options(case)).expect("good options"),
            |layer, inputs, mode| {
                let state = inputs.get(1).map(|hidden| LstmState {
                    hidden: hidden.shallow_clone(),
                    cell: inputs[2].shallow_clone(),
                });
                let (output, state) = layer.forward_with_state(&inputs[0], state.as_ref(), mode);
                vec![output, state.hidden, state.cell]
            },
        ),
        "MultiheadAttention" => {
            let layer = MultiheadAttention::with(first(), second(), options(case)).expect("good options");
            let masks = Masks::of(case);
            unit(layer, move |layer, inputs, mode| {
                let query = &inputs[0];
                let (key, value) = (inputs.get(1).unwrap_or(query), inputs.get(2).unwrap_or(query));
                let (output, weights) = layer.attend(query, key, value, masks.attending(), mode);
                std::iter::once(output).chain(weights).collect()
            })
        }
        "PixelShuffle" => forward(PixelShuffle { upscale_factor: first() }),
        "PixelUnshuffle" => forward(PixelUnshuffle { downscale_factor: first() }),
        "TransformerEncoderLayer" => {
            let masks = Masks::of(case);
            unit(encoder_layer(case), move |layer, inputs, mode| {
                let (mask, padding) = (masks.attention.as_ref(), masks.key_padding.as_ref());
                vec![layer.forward_masked(&inputs[0], mask, padding, mode)]
            })
        }
        "TransformerEncoder" => {
            let masks = Masks::of(case);
            let norm = case.options["args"][3] == true;
            let layers = size(case, 2) as usize;
            let encoder =
                TransformerEncoder::new(&encoder_layer(case), layers, norm.then(|| LayerNorm::new(first())));
            unit(encoder, move |encoder, inputs, mode| {
                let (mask, padding) = (masks.attention.as_ref(), masks.key_padding.as_ref());
                vec![encoder.forward_masked(&inputs[0], mask, padding, mode)]
            })
        }
        "Upsample" => forward(upsample(&case.options["options"])),
        other => panic!("no layer {other}"),
    }
}

fn encoder_layer(case: &Case) -> TransformerEncoderLayer {
    TransformerEncoderLayer::with(size(case, 0), size(case, 1), options(case)).expect("good options")
}

/// The masks that PyTorch was called with, and the weights that were asked for.
struct Masks {
    key_padding: Option<Tensor>,
    attention: Option<Tensor>,
    weights: AttentionWeights,
}

impl Masks {
    fn of(case: &Case) -> Self {
        let call = &case.options["call"];
        let weights = match (call["need_weights"].as_bool(), call["average_attn_weights"].as_bool()) {
            (Some(false), _) => AttentionWeights::None,
            (_, Some(false)) => AttentionWeights::PerHead,
            _ => AttentionWeights::default(),
        };
        Self {
            key_padding: case.get("mask.key_padding_mask").or_else(|| case.get("mask.src_key_padding_mask")),
            attention: ["attn_mask", "src_mask", "mask"]
                .iter()
                .find_map(|name| case.get(&format!("mask.{name}"))),
            weights,
        }
    }

    fn attending(&self) -> Attending<'_> {
        Attending {
            key_padding_mask: self.key_padding.as_ref(),
            attn_mask: self.attention.as_ref(),
            weights: self.weights,
        }
    }
}

fn recurrent<M: Module + 'static>(
    layer: M,
    run: fn(&M, &Tensor, Option<&Tensor>, Mode) -> (Tensor, Tensor),
) -> Box<dyn Unit> {
    unit(layer, move |layer, inputs, mode| {
        let (output, state) = run(layer, &inputs[0], inputs.get(1), mode);
        vec![output, state]
    })
}

fn upsample(options: &Value) -> Upsample {
    let (size, scale) = (&options["size"], &options["scale_factor"]);
    let integers = |list: &Vec<Value>| list.iter().filter_map(Value::as_i64).collect();
    let numbers = |list: &Vec<Value>| list.iter().filter_map(Value::as_f64).collect();
    let to = size
        .as_i64()
        .map(UpsampleTo::Size)
        .or_else(|| size.as_array().map(|list| UpsampleTo::Sizes(integers(list))))
        .or_else(|| scale.as_f64().map(UpsampleTo::Scale))
        .or_else(|| scale.as_array().map(|list| UpsampleTo::Scales(numbers(list))));
    let align_corners = options["align_corners"].as_bool().unwrap_or_default();
    let mode = match options["mode"].as_str() {
        Some("nearest") => UpsampleMode::Nearest,
        Some("linear") => UpsampleMode::Linear { align_corners },
        Some("bilinear") => UpsampleMode::Bilinear { align_corners },
        Some("bicubic") => UpsampleMode::Bicubic { align_corners },
        Some("trilinear") => UpsampleMode::Trilinear { align_corners },
        other => panic!("no mode {other:?}"),
    };
    let recompute_scale_factor = options["recompute_scale_factor"].as_bool().unwrap_or_default();
    Upsample { to: to.expect("a size or a scale"), mode, recompute_scale_factor }
}
