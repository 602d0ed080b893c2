//! A batch of 64 through the chapter's network.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use selvedge_benches::{batch, fashion_network};
use selvedge_nn::{Forward, Mode};

fn networks(criterion: &mut Criterion) {
    let network = fashion_network();
    let batch = batch(64);
    let mut group = criterion.benchmark_group("forward");
    group.bench_function("training", |bencher| {
        bencher.iter(|| black_box(network.forward(&batch.images, Mode::Train)));
    });
    group.bench_function("inference", |bencher| {
        let _no_grad = tch::no_grad_guard();
        bencher.iter(|| black_box(network.forward(&batch.images, Mode::Eval)));
    });
    group.finish();
}

criterion_group!(benches, networks);
criterion_main!(benches);
