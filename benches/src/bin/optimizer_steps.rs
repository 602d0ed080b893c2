//! Microseconds of a step of each optimizer over the chapter's parameters, as a line of JSON: the part of this
//! workspace in `cargo xtask bench --python PYTHON optimizers`.

// A program for another program: it prints.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Instant;

use selvedge_benches::{fashion_network, with_gradients};
use selvedge_nn::ModuleExt;
use selvedge_train::TrainError;
use selvedge_train::optim::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Asgd, Lbfgs, LbfgsOptimizer, Muon, NAdam, Optimizer,
    RAdam, RmsProp, Rprop, Sgd, SparseAdam, UpdateRule,
};
use tch::{Device, Kind, Tensor};

const STEPS: u32 = 100;
/// For those whose steps take milliseconds.
const FEW_STEPS: u32 = 2;
const REPEATS: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    // As the program `selvedge` does.
    let _ = selvedge_torch::keep_freed_memory();
    tch::manual_seed(0);
    let network = || with_gradients(fashion_network());
    let matrices = || network().into_iter().filter(|parameter| parameter.dim() == 2).collect();
    let times = [
        microseconds(network(), Sgd { lr: 1e-3, momentum: 0.9, ..Sgd::default() }, STEPS)?,
        microseconds(network(), Adam::default(), STEPS)?,
        microseconds(network(), AdamW::default(), STEPS)?,
        microseconds(network(), Adagrad::default(), STEPS)?,
        microseconds(network(), Adafactor::default(), STEPS)?,
        microseconds(network(), Adamax::default(), STEPS)?,
        microseconds(network(), NAdam::default(), STEPS)?,
        microseconds(network(), RAdam::default(), STEPS)?,
        microseconds(network(), Adadelta::default(), STEPS)?,
        microseconds(network(), RmsProp::default(), STEPS)?,
        microseconds(network(), Rprop::default(), STEPS)?,
        microseconds(network(), Asgd::default(), STEPS)?,
        microseconds(matrices(), Muon::default(), FEW_STEPS)?,
        microseconds(vec![embedding()], SparseAdam::default(), STEPS)?,
        lbfgs()?,
    ];
    let times: Vec<String> = times.iter().map(|(name, time)| format!("{name:?}: {time}")).collect();
    println!("{{{}}}", times.join(", "));
    Ok(())
}

/// Of several runs of some steps, the median.
fn microseconds<R: UpdateRule>(
    parameters: Vec<Tensor>,
    rule: R,
    steps: u32,
) -> Result<(&'static str, f64), TrainError> {
    let mut optimizer = Optimizer::new(parameters, rule)?;
    let runs = (0..=REPEATS).map(|_| timed(steps, || optimizer.step())).collect();
    Ok((R::NAME, median(runs)))
}

/// 10,000 rows of 64 values, of which a batch of 64 has a gradient.
fn embedding() -> Tensor {
    let weight = Tensor::randn([10_000, 64], (Kind::Float, Device::Cpu)).set_requires_grad(true);
    let batch = Tensor::randint(10_000, [64], (Kind::Int64, Device::Cpu));
    let rows = Tensor::embedding(&weight, &batch, -1, false, true);
    (rows.randn_like() * &rows).sum(Kind::Float).backward();
    weight
}

/// A step is 20 iterations here, and each calls for the gradients; so the loss is as cheap as one can be that has a
/// curvature. Each run starts anew, far from the end.
fn lbfgs() -> Result<(&'static str, f64), TrainError> {
    let mut runs = Vec::new();
    for _ in 0..=REPEATS {
        let network = fashion_network();
        let parameters = network.parameters();
        let curvatures: Vec<Tensor> =
            parameters.iter().map(|parameter| parameter.detach().rand_like() * 10.0).collect();
        let mut optimizer = LbfgsOptimizer::new(network.parameters(), Lbfgs::default())?;
        runs.push(timed(FEW_STEPS, || {
            let _ = optimizer.step_with(|| {
                let terms = parameters
                    .iter()
                    .zip(&curvatures)
                    .map(|(at, curvature)| (at.square() * curvature).sum(Kind::Float));
                let loss: Tensor = terms.sum();
                loss.backward();
                loss
            });
        }));
    }
    Ok(("LBFGS", median(runs)))
}

/// Microseconds for each step.
fn timed(steps: u32, mut step: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..steps {
        step();
    }
    start.elapsed().as_secs_f64() / f64::from(steps) * 1e6
}

/// Without the first, which is the warm-up.
fn median(mut runs: Vec<f64>) -> f64 {
    let _ = runs.remove(0);
    runs.sort_by(f64::total_cmp);
    runs[runs.len() / 2]
}
