//! Fetches Fashion-MNIST where it is not here yet, and times an epoch of batches.
//!
//! ```sh
//! cargo run --release -p selvedge-data --example fashion_mnist
//! ```

// An example speaks to whoever runs it.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use selvedge_data::{
    Compose, Dataset, Event, FashionMnist, Loader, LoaderOptions, Normalize, Result, ToTensor,
};

fn main() -> Result<()> {
    let folder = FashionMnist::default().fetch(&|event: Event<'_>| match event {
        Event::Working { what } => println!("{what}"),
        Event::Started { name, url, .. } => println!("{name} from {url}"),
        Event::Failed { url, cause } => println!("{url}: {cause}"),
        _ => {}
    })?;
    let start = Instant::now();
    let train = FashionMnist::train().load()?;
    println!("{} images from {} in {:.0?}", train.len(), folder.display(), start.elapsed());

    let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
    let options = LoaderOptions { batch_size: 64, shuffle: true, transform, ..LoaderOptions::default() };
    let loader = Loader::new(train, options)?;
    for epoch in 0..5 {
        let start = Instant::now();
        let mut images = 0;
        for batch in loader.epoch(epoch) {
            images += batch?.len();
        }
        println!(
            "epoch {epoch}: {:.2} million images per second",
            images as f64 / start.elapsed().as_secs_f64() / 1e6
        );
    }
    Ok(())
}
