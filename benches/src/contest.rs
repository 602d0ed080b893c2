use std::error::Error;
use std::time::Instant;

use crate::{median, microseconds};

/// Steps on one batch, whose median counts.
const STEPS: usize = 301;

/// Times one epoch, which gives its mean loss, and a step of a network in `training`, and prints them as a line of JSON:
/// what `cargo xtask bench --python PYTHON` wants of a contender.
///
/// # Errors
///
/// When the epoch fails.
// For a program that another program reads.
#[allow(clippy::print_stdout)]
pub fn report<T>(
    training: &mut T,
    epoch: impl FnOnce(&mut T) -> Result<f64, Box<dyn Error>>,
    mut step: impl FnMut(&mut T),
) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let loss = epoch(training)?;
    let seconds = start.elapsed().as_secs_f64();
    let step = median((0..STEPS).map(|_| microseconds(|| step(training))).collect());
    let threads = tch::get_num_threads();
    println!(r#"{{"epoch_s": {seconds}, "loss": {loss}, "step_us": {step}, "threads": {threads}}}"#);
    Ok(())
}
