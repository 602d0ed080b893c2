//! The chapter's network as tch alone trains it: its `nn`, its Adam, its iterator over batches. It times one training
//! epoch and a step and prints them as a line of JSON: a contender of `cargo xtask bench --peers`.
//!
//! Its argument is the folder of the data set, unpacked or not.

use std::env;
use std::error::Error;
use std::path::PathBuf;

use selvedge_benches::{SIZES, report};
use selvedge_data::FashionMnist;
use tch::data::Iter2;
use tch::nn::{self, Module, OptimizerConfig};
use tch::{Device, Kind, Tensor};

const BATCH: i64 = 64;

fn main() -> Result<(), Box<dyn Error>> {
    tch::manual_seed(0);
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let set = FashionMnist { folder, ..FashionMnist::train() }.load()?;
    let pixels = Tensor::from_slice(set.pixels()).view([-1, SIZES[0]]);
    let images = pixels.to_kind(Kind::Float) / 255.0 * 2.0 - 1.0;
    let labels = Tensor::from_slice(&set.labels());

    let variables = nn::VarStore::new(Device::Cpu);
    let model = network(&variables.root());
    let mut optimizer = nn::Adam::default().build(&variables, 3e-3)?;
    let mut step = |images: &Tensor, labels: &Tensor| {
        let loss = model.forward(images).nll_loss(labels);
        optimizer.backward_step(&loss);
        loss.detach()
    };
    let batches = || {
        let mut batches = Iter2::new(&images, &labels, BATCH);
        batches.shuffle().return_smaller_last_batch();
        batches
    };

    // As the others: a few steps that are not timed.
    for (images, labels) in batches().take(20) {
        let _ = step(&images, &labels);
    }
    let (first_images, first_labels) = batches().next().ok_or("there are no images")?;
    report(
        &mut step,
        |step, _| {
            let (mut total, mut count) = (Tensor::zeros([], (Kind::Float, Device::Cpu)), 0);
            for (images, labels) in batches() {
                total += step(&images, &labels);
                count += 1;
            }
            Ok(total.double_value(&[]) / f64::from(count))
        },
        |step| drop(step(&first_images, &first_labels)),
    )
}

/// With PyTorch's first weights: those of tch are wider.
fn network(path: &nn::Path<'_>) -> nn::Sequential {
    let layer = |index: usize| {
        let bound = (SIZES[index] as f64).powf(-0.5);
        let init = nn::Init::Uniform { lo: -bound, up: bound };
        let options = nn::LinearConfig { ws_init: init, bs_init: Some(init), bias: true };
        nn::linear(path / format!("layer{index}"), SIZES[index], SIZES[index + 1], options)
    };
    nn::seq()
        .add(layer(0))
        .add_fn(Tensor::relu)
        .add(layer(1))
        .add_fn(Tensor::relu)
        .add(layer(2))
        .add_fn(|output| output.log_softmax(1, Kind::Float))
}
