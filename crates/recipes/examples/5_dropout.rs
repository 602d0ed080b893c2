//! Dropout: in training, a quarter of the hidden units is switched off at random.
//!
//! The chapter's fifth recipe: no unit may be relied on alone, which keeps the network from learning the noise
//! of the training set. `cargo xtask recipe 5 -- 2` stops after two epochs.

// What a recipe prints is its point.
#![allow(clippy::print_stdout)]

use anyhow::{Context, Result};
use selvedge_data::{Compose, FashionMnist, Loader, LoaderOptions, Normalize, Silent, ToTensor};
use selvedge_nn::{Forward, Mode, ModuleExt};
use selvedge_recipes::dropout::FashionNetwork;
use selvedge_train::trainer::evaluate;
use selvedge_train::{Adam, Loss, NllLoss, Optimizer};

fn main() -> Result<()> {
    let epochs = std::env::args()
        .nth(1)
        .map_or(Ok(3), |count| count.parse())
        .context("expected a number of epochs")?;
    FashionMnist::default().fetch(&Silent)?;
    let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
    let loader = |split: FashionMnist, shuffle| -> Result<Loader> {
        let options = LoaderOptions {
            batch_size: 64,
            shuffle,
            transform: transform.clone(),
            ..LoaderOptions::default()
        };
        Ok(Loader::new(split.load()?, options)?)
    };
    let (train, test) = (loader(FashionMnist::train(), true)?, loader(FashionMnist::test(), false)?);

    tch::manual_seed(0);
    let model = FashionNetwork::new();
    println!("{model}");

    // Dropout draws in training only: the same images give different outputs there, and the same in use.
    let batch = test.epoch(0).next().context("the test set is empty")??;
    for mode in [Mode::Train, Mode::Eval] {
        let [first, second] = [(), ()].map(|()| model.forward(&batch.images, mode));
        let difference = (first - second).abs().max().double_value(&[]);
        println!("{mode:?}: the outputs of two calls differ by {difference:.4}");
    }

    let criterion = NllLoss::default();
    let mut optimizer = Optimizer::new(model.parameters(), Adam { lr: 3e-3, ..Adam::default() })?;
    for epoch in 0..epochs {
        let mut running_loss = 0.0;
        for batch in train.epoch(epoch) {
            let batch = batch?;
            optimizer.zero_grad();
            let loss = criterion.forward(&model.forward(&batch.images, Mode::Train), &batch.labels);
            loss.backward();
            optimizer.step();
            running_loss += loss.double_value(&[]);
        }
        // The test is without dropout: every unit takes part.
        let test = evaluate(&model, &criterion, &test, 10)?;
        println!(
            "Training loss: {:.4}   test loss: {:.4}   test accuracy: {:.2} %",
            running_loss / train.len() as f64,
            test.loss,
            100.0 * test.accuracy
        );
    }
    Ok(())
}
