//! Define a network: images, transforms, batches, and the layers.
//!
//! The chapter's first recipe: everything that a network needs is put on the table, and nothing runs yet.

// What a recipe prints is its point.
#![allow(clippy::print_stdout)]

use anyhow::Result;
use selvedge_data::{Compose, FashionMnist, Loader, LoaderOptions, Normalize, Silent, ToTensor};
use selvedge_nn::{Flatten, Linear, ModuleExt, Relu, Sequential, Softmax};
use selvedge_recipes::softmax::FashionNetwork;

fn main() -> Result<()> {
    // Bytes from 0 to 255 become floats from 0 to 1, then from -1 to 1: the mean and the standard deviation of
    // the only channel are taken as 0.5.
    let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);

    // The images come in batches. A larger one takes fewer steps through the data and more memory.
    let batch_size = 64;

    // 60,000 images to learn from, in a new order each epoch, and 10,000 to test with. They are fetched and
    // verified the first time.
    FashionMnist::default().fetch(&Silent)?;
    let options = || LoaderOptions {
        batch_size,
        shuffle: true,
        transform: transform.clone(),
        ..LoaderOptions::default()
    };
    let train = Loader::new(FashionMnist::train().load()?, options())?;
    let test = Loader::new(FashionMnist::test().load()?, options())?;
    println!("{} training batches, {} test batches", train.len(), test.len());
    if let Some(batch) = train.epoch(0).next() {
        let batch = batch?;
        println!("images {:?}, labels {:?}", batch.images.size(), batch.labels.size());
    }

    // The network is a struct whose fields are its layers: three fully connected ones, the softmax that makes
    // the output probabilities, and the activation between the layers. Look at `src/softmax.rs`.
    let model = FashionNetwork::new();
    println!("{model}");
    println!("{} parameters", model.parameter_count());

    // The same without a type of its own: a list of layers.
    let model = Sequential::new()
        .then(Flatten::default())
        .then(Linear::new(784, 256))
        .then(Relu)
        .then(Linear::new(256, 128))
        .then(Relu)
        .then(Linear::new(128, 10))
        .then(Softmax { dim: Some(1) });
    println!("{model}");
    Ok(())
}
