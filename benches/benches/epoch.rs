//! A training epoch over as many images as Fashion-MNIST has, loading included.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use selvedge_benches::{Training, fashion_network, made_up, transform};
use selvedge_data::{Loader, LoaderOptions};

fn epochs(criterion: &mut Criterion) {
    let options =
        LoaderOptions { batch_size: 64, shuffle: true, transform: transform(), ..LoaderOptions::default() };
    let loader = Loader::new(made_up(), options).expect("the options are good");
    let mut training = Training::new(fashion_network());
    let mut group = criterion.benchmark_group("epoch");
    group.throughput(Throughput::Elements(loader.image_count() as u64)).sample_size(10);
    let mut epoch = 0;
    group.bench_function("fully connected, batches of 64", |bencher| {
        bencher.iter(|| {
            epoch += 1;
            training.epoch(loader.epoch(epoch)).expect("bytes in memory are always there")
        });
    });
    group.finish();
}

criterion_group!(benches, epochs);
criterion_main!(benches);
