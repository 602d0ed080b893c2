//! Images per second from bytes in memory to batches.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use selvedge_data::{Compose, ImageBytes, Loader, LoaderOptions, Normalize, Shape, ToTensor};

const IMAGES: usize = 60_000;

fn dataset() -> ImageBytes {
    let pixels = (0..IMAGES * 784).map(|index| (index * 31 % 251) as u8).collect();
    let labels = (0..IMAGES as i64).map(|index| index % 10).collect();
    ImageBytes::new(Shape::new(1, 28, 28), pixels, labels, vec![]).expect("the pixels are as many as asked")
}

fn epochs(criterion: &mut Criterion) {
    let dataset = std::sync::Arc::new(dataset());
    let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
    let mut group = criterion.benchmark_group("loader");
    group.throughput(Throughput::Elements(IMAGES as u64)).sample_size(20);
    for (name, shuffle) in [("in order", false), ("shuffled", true)] {
        let options = LoaderOptions {
            batch_size: 64,
            shuffle,
            transform: transform.clone(),
            ..LoaderOptions::default()
        };
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
