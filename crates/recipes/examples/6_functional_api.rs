//! The functional API: the same network, with functions in place of the modules that hold nothing.
//!
//! The chapter's sixth recipe: layers with parameters stay fields, everything else is called.

// What a recipe prints is its point.
#![allow(clippy::print_stdout)]

use anyhow::{Context, Result};
use selvedge_data::{Compose, FashionMnist, Loader, LoaderOptions, Normalize, Silent, ToTensor};
use selvedge_nn::{Forward, Mode, ModuleExt, functional as F};
use selvedge_recipes::{functional, log_softmax};

fn main() -> Result<()> {
    FashionMnist::default().fetch(&Silent)?;
    let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
    let options = LoaderOptions { batch_size: 64, transform, ..LoaderOptions::default() };
    let test = Loader::new(FashionMnist::test().load()?, options)?;
    let batch = test.epoch(0).next().context("the test set is empty")??;

    // Three layers are left when the network is printed: look at `src/functional.rs` for the rest.
    let model = functional::FashionNetwork::new();
    println!("{model}");

    // The parameters have the same paths, so the weights of the third recipe's network fit.
    let modular = log_softmax::FashionNetwork::new();
    model.load_state_dict(&modular.state_dict())?;
    let expected = modular.forward(&batch.images, Mode::Eval);
    let difference = (model.forward(&batch.images, Mode::Eval) - &expected).abs().max().double_value(&[]);
    println!("from equal weights, the outputs differ by {difference}");

    // All the way down: even the layers as functions of their weights. A function has no state, so dropout is
    // told the mode.
    let layer = |input: &tch::Tensor, path: &str| -> Result<tch::Tensor> {
        let parameters = modular.state_dict();
        let get = |name| parameters.get(&format!("{path}.{name}")).context("no such parameter");
        Ok(F::linear(input, get("weight")?, Some(get("bias")?)))
    };
    let forward = |mode: Mode| -> Result<tch::Tensor> {
        let input = batch.images.flatten(1, -1);
        let hidden = F::dropout(&F::relu(&layer(&input, "hidden1")?), 0.25, mode);
        let hidden = F::dropout(&F::relu(&layer(&hidden, "hidden2")?), 0.25, mode);
        Ok(F::log_softmax(&layer(&hidden, "output")?, Some(1)))
    };
    for mode in [Mode::Train, Mode::Eval] {
        let difference = (forward(mode)? - &expected).abs().max().double_value(&[]);
        println!("with dropout as a function, {mode:?}: the outputs differ by {difference:.4}");
    }
    Ok(())
}
