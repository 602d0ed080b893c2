//! The loss: how far the output is from the label, as one number.
//!
//! The chapter's third recipe: the network ends in the logarithm of the softmax, and the loss is the negative
//! log likelihood.

// What a recipe prints is its point.
#![allow(clippy::print_stdout)]

use anyhow::{Context, Result};
use selvedge_data::{Compose, FashionMnist, Loader, LoaderOptions, Normalize, Silent, ToTensor};
use selvedge_nn::{Forward, Mode};
use selvedge_recipes::log_softmax::FashionNetwork;
use selvedge_train::{Loss, NllLoss};

fn main() -> Result<()> {
    FashionMnist::default().fetch(&Silent)?;
    let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
    let options = LoaderOptions { batch_size: 64, transform, ..LoaderOptions::default() };
    let test = Loader::new(FashionMnist::test().load()?, options)?;
    let batch = test.epoch(0).next().context("the test set is empty")??;

    // The logarithm of a probability can be computed without the probability, which may be too small to be
    // told from zero.
    let model = FashionNetwork::new();
    println!("{model}");

    // For each image the loss takes the output at the label, turns its sign, and means over the batch. A network
    // that knows nothing gives each of ten classes a tenth: a loss of ln 10 = 2.3026.
    let criterion = NllLoss::default();
    let output = model.forward(&batch.images, Mode::Eval);
    println!("loss before any training: {:.4}", criterion.forward(&output, &batch.labels).double_value(&[]));

    // Where some classes are rare, a weight for each class makes up for it. Here an ankle boot, the last class,
    // counts three times as much as the others.
    let mut weight = vec![1.0; 10];
    weight[9] = 3.0;
    let criterion = NllLoss { weight: Some(weight), ..NllLoss::default() };
    println!("with boots weighted by 3: {:.4}", criterion.forward(&output, &batch.labels).double_value(&[]));
    Ok(())
}
