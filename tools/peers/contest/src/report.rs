use std::time::Instant;
use std::{env, thread};

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use crate::BATCH;

/// Steps that are not timed, at the start.
const WARM_UP: usize = 20;

/// Steps on one batch, whose median counts.
const STEPS: usize = 301;

/// A network in training.
pub trait Contender {
    /// Images with their labels.
    type Batch;

    /// The images at these places.
    fn batch(&self, places: &[u32]) -> Self::Batch;

    /// Forward, backward and update; returns the loss.
    fn step(&mut self, batch: &Self::Batch) -> f32;
}

/// Times each shuffled epoch of the job, whose number is in the variable `EPOCHS`, and a step, and prints them as a line of
/// JSON, with the mean loss of the first epoch.
pub fn report(mut contender: impl Contender, images: usize) {
    let mut order: Vec<u32> = (0..images as u32).collect();
    let mut generator = StdRng::seed_from_u64(0);
    order.shuffle(&mut generator);
    for places in order.chunks(BATCH).take(WARM_UP) {
        let batch = contender.batch(places);
        contender.step(&batch);
    }

    let epochs = env::var("EPOCHS").map_or(1, |number| number.parse().expect("EPOCHS is a number"));
    let (mut seconds, mut losses) = (Vec::new(), Vec::new());
    for _ in 0..epochs {
        let start = Instant::now();
        order.shuffle(&mut generator);
        let mut total = 0.0;
        for places in order.chunks(BATCH) {
            let batch = contender.batch(places);
            total += f64::from(contender.step(&batch));
        }
        seconds.push(start.elapsed().as_secs_f64());
        losses.push(total / order.chunks(BATCH).len() as f64);
    }

    let batch = contender.batch(&order[..BATCH]);
    let mut steps: Vec<f64> = (0..STEPS)
        .map(|_| {
            let start = Instant::now();
            contender.step(&batch);
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    steps.sort_by(f64::total_cmp);
    let (step, threads) = (steps[STEPS / 2], thread::available_parallelism().map_or(1, usize::from));
    let loss = losses[0];
    println!(r#"{{"epochs_s": {seconds:?}, "loss": {loss}, "step_us": {step}, "threads": {threads}}}"#);
}
