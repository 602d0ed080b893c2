//! The fully connected network: what happens to a batch on its way from pixels to probabilities.
//!
//! The chapter's second recipe: the layers of the first are tied together by `forward`.

// What a recipe prints is its point.
#![allow(clippy::print_stdout)]

use anyhow::{Context, Result};
use selvedge_data::{Compose, FashionMnist, Loader, LoaderOptions, Normalize, Silent, ToTensor};
use selvedge_nn::{Forward, Mode, ModuleExt, Tanh};
use selvedge_recipes::softmax::FashionNetwork;
use tch::Kind;

fn main() -> Result<()> {
    FashionMnist::default().fetch(&Silent)?;
    let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
    let options = LoaderOptions { batch_size: 64, transform, ..LoaderOptions::default() };
    let test = Loader::new(FashionMnist::test().load()?, options)?;
    let batch = test.epoch(0).next().context("the test set is empty")??;

    // The weights and biases were drawn when the layers were made.
    let model = FashionNetwork::new();
    println!("{model}");

    // `forward` is in `src/softmax.rs`: hidden1, activation, hidden2, activation, output, softmax. Whether the
    // network learns or is used is said with each call.
    let probabilities = model.forward(&batch.images, Mode::Eval);
    let sums = probabilities.sum_dim_intlist([1].as_slice(), false, Kind::Float);
    println!(
        "output {:?}, each row sums to 1: {:.6} to {:.6}",
        probabilities.size(),
        least(&sums),
        most(&sums)
    );

    // Each parameter has a path: the fields that lead to it.
    for (path, parameter) in model.named_parameters() {
        println!("{path:<15} {:?}", parameter.size());
    }
    println!("model.hidden1.weight begins with {:.4}", model.hidden1.weight.double_value(&[0, 0]));

    // Another activation between the same layers.
    let model = FashionNetwork::with_activation(Tanh);
    println!("{model}");
    Ok(())
}

fn least(values: &tch::Tensor) -> f64 {
    values.min().double_value(&[])
}

fn most(values: &tch::Tensor) -> f64 {
    values.max().double_value(&[])
}
