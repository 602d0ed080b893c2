//! Times one training epoch on Fashion-MNIST, loading included, and prints it as a line of JSON: the part of
//! this workspace in `cargo xtask bench --python PYTHON`.
//!
//! Its argument is the folder of the data set, unpacked or not.

// A program for another program: it prints.
#![allow(clippy::print_stdout)]

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use selvedge_benches::{Training, fashion_network, transform};
use selvedge_data::{FashionMnist, Loader, LoaderOptions};

fn main() -> Result<(), Box<dyn Error>> {
    tch::manual_seed(0);
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let images = FashionMnist { folder, ..FashionMnist::train() }.load()?;
    let options =
        LoaderOptions { batch_size: 64, shuffle: true, transform: transform(), ..LoaderOptions::default() };
    let loader = Loader::new(images, options)?;
    let mut training = Training::new(fashion_network());
    // As the others: a few steps that are not timed.
    training.epoch(loader.epoch(0).take(20))?;
    let start = Instant::now();
    let loss = training.epoch(loader.epoch(1))?;
    let seconds = start.elapsed().as_secs_f64();
    println!(r#"{{"epoch_s": {seconds}, "loss": {loss}, "threads": {}}}"#, tch::get_num_threads());
    Ok(())
}
