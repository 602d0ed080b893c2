use std::env;
use std::error::Error;
use std::time::Instant;

use crate::{median, microseconds};

/// Steps on one batch, whose median counts.
const STEPS: usize = 301;

/// Times each epoch of the job, whose number is in the variable `EPOCHS`, and a step of a network in `training`, and prints
/// them as a line of JSON, as `cargo xtask bench --python PYTHON` reads it. `epoch` gets the number of the epoch and returns
/// its mean loss, which is printed of the first one.
///
/// # Errors
///
/// When an epoch fails, or the variable is not a number.
// For a program that another program reads.
#[allow(clippy::print_stdout)]
pub fn report<T>(
    training: &mut T,
    mut epoch: impl FnMut(&mut T, u64) -> Result<f64, Box<dyn Error>>,
    mut step: impl FnMut(&mut T),
) -> Result<(), Box<dyn Error>> {
    let epochs: u64 = env::var("EPOCHS").map_or(Ok(1), |number| number.parse())?;
    let (mut seconds, mut losses) = (Vec::new(), Vec::new());
    for number in 1..=epochs {
        let start = Instant::now();
        losses.push(epoch(training, number)?);
        seconds.push(start.elapsed().as_secs_f64());
    }
    let loss = losses.first().copied().unwrap_or(f64::NAN);
    let step = median((0..STEPS).map(|_| microseconds(|| step(training))).collect());
    let threads = tch::get_num_threads();
    println!(r#"{{"epochs_s": {seconds:?}, "loss": {loss}, "step_us": {step}, "threads": {threads}}}"#);
    Ok(())
}
