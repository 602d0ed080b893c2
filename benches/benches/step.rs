//! A training step on a batch of 64: forward, loss, backward, optimizer.

use criterion::{Criterion, criterion_group, criterion_main};
use selvedge_benches::{Training, batch, fashion_network};

fn steps(criterion: &mut Criterion) {
    let batch = batch(64);
    let mut training = Training::new(fashion_network());
    criterion.bench_function("step", |bencher| bencher.iter(|| training.step(&batch)));
}

criterion_group!(benches, steps);
criterion_main!(benches);
