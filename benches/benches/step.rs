//! A training step on a batch of 64: forward, loss, backward, optimizer; ordinary and compiled.

use criterion::{Criterion, criterion_group, criterion_main};
use selvedge_benches::{Training, batch, fashion_network};
use selvedge_recipes::convolutional::FashionNetwork;

fn steps(criterion: &mut Criterion) {
    let batch = batch(64);
    let mut training = Training::new(fashion_network());
    criterion.bench_function("step", |bencher| bencher.iter(|| training.step(&batch)));
    let mut training = Training::compiled(fashion_network(), &batch);
    criterion.bench_function("step/compiled", |bencher| bencher.iter(|| training.step(&batch)));
    let mut training = Training::new(FashionNetwork::new());
    criterion.bench_function("step/cnn", |bencher| bencher.iter(|| training.step(&batch)));
    let mut training = Training::compiled(FashionNetwork::new(), &batch);
    criterion.bench_function("step/cnn compiled", |bencher| bencher.iter(|| training.step(&batch)));
}

criterion_group!(benches, steps);
criterion_main!(benches);
