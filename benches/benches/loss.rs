//! Losses of a batch of 64 with ten classes, there and back.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use selvedge_train::{CrossEntropyLoss, Loss, MseLoss, NllLoss};
use tch::{Device, Kind, Tensor};

fn losses(criterion: &mut Criterion) {
    let classes = Tensor::arange(64, (Kind::Int64, Device::Cpu)).remainder(10);
    let values = Tensor::randn([64, 10], (Kind::Float, Device::Cpu));
    let losses: [(&str, Box<dyn Loss>, &Tensor); 3] = [
        ("negative log likelihood", Box::new(NllLoss::default()), &classes),
        ("cross entropy", Box::new(CrossEntropyLoss::default()), &classes),
        ("mean squared error", Box::new(MseLoss::default()), &values),
    ];
    let mut group = criterion.benchmark_group("loss");
    for (name, loss, target) in &losses {
        let input = Tensor::randn([64, 10], (Kind::Float, Device::Cpu)).set_requires_grad(true);
        group.bench_function(*name, |bencher| {
            bencher.iter(|| {
                selvedge_torch::clear_gradient(&input);
                let loss = loss.forward(&input, target);
                loss.backward();
                black_box(loss)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, losses);
criterion_main!(benches);
