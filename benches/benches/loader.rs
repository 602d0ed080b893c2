//! Images per second from bytes in memory to batches.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use selvedge_benches::{augmented, made_up, transform};
use selvedge_data::{Dataset, Loader, LoaderOptions};

fn epochs(criterion: &mut Criterion) {
    let dataset = std::sync::Arc::new(made_up());
    let mut group = criterion.benchmark_group("loader");
    group.throughput(Throughput::Elements(dataset.len() as u64)).sample_size(20);
    for (name, shuffle, transform) in
        [("in order", false, transform()), ("shuffled", true, transform()), ("augmented", true, augmented())]
    {
        let options = LoaderOptions { batch_size: 64, shuffle, transform, ..LoaderOptions::default() };
        let loader = Loader::new(dataset.clone(), options).expect("the options are good");
        let mut epoch = 0;
        group.bench_function(format!("epoch of 60,000, batches of 64, {name}"), |bencher| {
            bencher.iter(|| {
                epoch += 1;
                for batch in loader.epoch(epoch) {
                    black_box(batch.expect("bytes in memory are always there"));
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, epochs);
criterion_main!(benches);
