use std::time::{Duration, Instant};

/// What one run takes, in microseconds.
pub fn microseconds(mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64() * 1e6
}

/// The median of runs that are timed one by one for a while, three of them at least: a median leaves out those that the
/// machine interrupted.
pub fn median_microseconds(patience: Duration, mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut times = Vec::new();
    while times.len() < 3 || start.elapsed() < patience {
        times.push(microseconds(&mut run));
    }
    median(times)
}

/// The value in the middle.
///
/// # Panics
///
/// When there are no values.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
