//! The optimizer: the training loop, by hand.
//!
//! The chapter's fourth recipe: gradients, updates, epochs. `cargo xtask recipe 4 -- 2` stops after two epochs.

// What a recipe prints is its point.
#![allow(clippy::print_stdout)]

use anyhow::{Context, Result};
use selvedge_data::{Compose, FashionMnist, Loader, LoaderOptions, Normalize, Silent, ToTensor};
use selvedge_nn::{Forward, Mode, ModuleExt};
use selvedge_recipes::log_softmax::FashionNetwork;
use selvedge_train::{Adam, Loss, NllLoss, Optimizer};

fn main() -> Result<()> {
    let epochs = std::env::args()
        .nth(1)
        .map_or(Ok(10), |count| count.parse())
        .context("expected a number of epochs")?;
    FashionMnist::default().fetch(&Silent)?;
    let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
    let options = LoaderOptions { batch_size: 64, shuffle: true, transform, ..LoaderOptions::default() };
    let train = Loader::new(FashionMnist::train().load()?, options)?;

    tch::manual_seed(0);
    let model = FashionNetwork::new();
    let criterion = NllLoss::default();

    // An optimizer is made of the parameters it changes and the rule by which it does.
    let optimizer = Optimizer::new(model.parameters(), Adam::default())?;
    println!("{}", optimizer.defaults());

    // What is not the default is said where the rule is made.
    let mut optimizer = Optimizer::new(model.parameters(), Adam { lr: 3e-3, ..Adam::default() })?;

    for epoch in 0..epochs {
        let mut running_loss = 0.0;
        for batch in train.epoch(epoch) {
            let batch = batch?;
            // Gradients add up until they are cleared.
            optimizer.zero_grad();
            // [64, 1, 28, 28] becomes [64, 784].
            let images = batch.images.view([batch.images.size()[0], -1]);
            let output = model.forward(&images, Mode::Train);
            let loss = criterion.forward(&output, &batch.labels);
            // How the loss changes with each parameter ...
            loss.backward();
            // ... and a step against it.
            optimizer.step();
            running_loss += loss.double_value(&[]);
        }
        println!("Training loss: {:.4}", running_loss / train.len() as f64);
    }

    // The same step as a closure, which an optimizer that evaluates the loss more than once calls repeatedly.
    let batch = train.epoch(epochs).next().context("the training set is empty")??;
    let images = batch.images.flatten(1, -1);
    let parameters = model.parameters();
    let loss = optimizer.step_with(|| {
        for mut parameter in parameters.iter().map(tch::Tensor::shallow_clone) {
            parameter.zero_grad();
        }
        let loss = criterion.forward(&model.forward(&images, Mode::Train), &batch.labels);
        loss.backward();
        loss
    });
    println!("the loss that the closure returned: {:.4}", loss.double_value(&[]));
    Ok(())
}
