//! Microseconds of a step of each optimizer over the chapter's parameters, as a line of JSON: the part of this
//! workspace in `cargo xtask bench --python PYTHON optimizers`.

// A program for another program: it prints.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Instant;

use selvedge_benches::{fashion_network, with_gradients};
use selvedge_train::TrainError;
use selvedge_train::optim::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Asgd, NAdam, Optimizer, RAdam, RmsProp, Rprop, Sgd,
    UpdateRule,
};

const STEPS: u32 = 100;
const REPEATS: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    tch::manual_seed(0);
    let times = [
        microseconds(Sgd { lr: 1e-3, momentum: 0.9, ..Sgd::default() })?,
        microseconds(Adam::default())?,
        microseconds(AdamW::default())?,
        microseconds(Adagrad::default())?,
        microseconds(Adafactor::default())?,
        microseconds(Adamax::default())?,
        microseconds(NAdam::default())?,
        microseconds(RAdam::default())?,
        microseconds(Adadelta::default())?,
        microseconds(RmsProp::default())?,
        microseconds(Rprop::default())?,
        microseconds(Asgd::default())?,
    ];
    let times: Vec<String> = times.iter().map(|(name, time)| format!("{name:?}: {time}")).collect();
    println!("{{{}}}", times.join(", "));
    Ok(())
}

/// The median of several runs of a hundred steps, after one that is not counted.
fn microseconds<R: UpdateRule>(rule: R) -> Result<(&'static str, f64), TrainError> {
    let mut optimizer = Optimizer::new(with_gradients(fashion_network()), rule)?;
    let mut times: Vec<f64> = (0..=REPEATS)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..STEPS {
                optimizer.step();
            }
            start.elapsed().as_secs_f64() / f64::from(STEPS) * 1e6
        })
        .skip(1)
        .collect();
    times.sort_by(f64::total_cmp);
    Ok((R::NAME, times[REPEATS / 2]))
}
