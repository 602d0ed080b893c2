//! Times training epochs on Fashion-MNIST, loading included, and a step on one batch, and prints them as a line of
//! JSON: the part of this workspace in `cargo xtask bench --python PYTHON`.
//!
//! Its arguments are the folder of the data set, unpacked or not, the network (`mlp` or `cnn`), the number of images, and
//! the kind of step (`compiled` or `ordinary`).

use std::env;
use std::error::Error;
use std::path::PathBuf;

use selvedge_benches::{Training, fashion_network, report, transform};
use selvedge_data::{FashionMnist, ImageBytes, Loader, LoaderOptions};
use selvedge_nn::Forward;
use selvedge_recipes::convolutional;

fn main() -> Result<(), Box<dyn Error>> {
    // As the program `selvedge` does.
    let _ = selvedge_torch::keep_freed_memory();
    selvedge_torch::flush_denormals(true);
    tch::manual_seed(0);
    let mut arguments = env::args_os().skip(1);
    let folder = arguments.next().map(PathBuf::from);
    let mut word =
        |default: &str| arguments.next().map_or(default.into(), |word| word.to_string_lossy().into_owned());
    let model: Box<dyn Forward> = match word("mlp").as_str() {
        "mlp" => Box::new(fashion_network()),
        "cnn" => Box::new(convolutional::FashionNetwork::new()),
        other => return Err(format!("the network {other:?} is neither mlp nor cnn").into()),
    };
    let count = word("60000").parse()?;
    let images = first(count, &FashionMnist { folder, ..FashionMnist::train() }.load()?)?;
    let options =
        LoaderOptions { batch_size: 64, shuffle: true, transform: transform(), ..LoaderOptions::default() };
    let loader = Loader::new(images, options)?;
    let batch = loader.epoch(0).next().ok_or("there are no images")??;
    let mut training = match word("compiled").as_str() {
        "compiled" => Training::compiled(model, &batch),
        "ordinary" => Training::new(model),
        other => return Err(format!("the step {other:?} is neither compiled nor ordinary").into()),
    };
    // As the others: a few steps that are not timed.
    training.epoch(loader.epoch(0).take(20))?;
    report(
        &mut training,
        |training, number| Ok(training.epoch(loader.epoch(number))?),
        |training| drop(training.step(&batch)),
    )
}

/// The images at the start, so that a slow network can be timed with some of them.
fn first(count: usize, images: &ImageBytes) -> Result<ImageBytes, Box<dyn Error>> {
    let pixels = images.pixels().get(..count * images.shape().numel());
    let pixels = pixels.ok_or_else(|| format!("there are no {count} images"))?.to_vec();
    let labels = images.labels().into_iter().take(count).collect();
    Ok(ImageBytes::new(images.shape(), pixels, labels, vec![])?)
}
