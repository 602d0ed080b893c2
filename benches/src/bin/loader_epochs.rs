//! Images per second of the loader, as a line of JSON: the part of this workspace in
//! `cargo xtask bench --python PYTHON loader`.

// A program for another program: it prints.
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use selvedge_benches::{augmented, made_up, transform};
use selvedge_data::{Compose, Dataset, ImageBytes, Loader, LoaderOptions, Result};

const EPOCHS: u64 = 5;

fn main() -> Result<()> {
    let dataset = Arc::new(made_up());
    let plain = images_per_second(&dataset, transform())?;
    let augmented = images_per_second(&dataset, augmented())?;
    println!("{{\"plain\": {plain}, \"augmented\": {augmented}}}");
    Ok(())
}

/// The median of several epochs of shuffled batches of 64, after one that is not counted.
fn images_per_second(dataset: &Arc<ImageBytes>, transform: Compose) -> Result<f64> {
    let options = LoaderOptions { batch_size: 64, shuffle: true, transform, ..LoaderOptions::default() };
    let loader = Loader::new(dataset.clone(), options)?;
    let mut rates = Vec::new();
    for epoch in 0..=EPOCHS {
        let start = Instant::now();
        for batch in loader.epoch(epoch) {
            black_box(batch?);
        }
        rates.push(dataset.len() as f64 / start.elapsed().as_secs_f64());
    }
    rates.remove(0);
    rates.sort_by(f64::total_cmp);
    Ok(rates[rates.len() / 2])
}
