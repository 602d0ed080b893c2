//! Outputs of the networks for one image and for 1024: the network's forward, and its plan.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use selvedge_benches::fashion_network;
use selvedge_nn::Forward;
use selvedge_nn::plan::Inference;
use selvedge_recipes::convolutional;
use selvedge_train::trainer::predict;
use tch::{Device, Kind, Tensor};

fn network(criterion: &mut Criterion, name: &str, network: &dyn Forward) {
    let mut inference = Inference::of(network);
    for count in [1, 1024] {
        let images = Tensor::randn([count, 1, 28, 28], (Kind::Float, Device::Cpu));
        let mut group = criterion.benchmark_group(format!("inference/{name}"));
        group.bench_function(BenchmarkId::new("forward", count), |bencher| {
            bencher.iter(|| predict(network, &images));
        });
        group.bench_function(BenchmarkId::new("planned", count), |bencher| {
            bencher.iter(|| inference.run(&images));
        });
    }
}

fn networks(criterion: &mut Criterion) {
    network(criterion, "mlp", &fashion_network());
    network(criterion, "cnn", &convolutional::FashionNetwork::new());
}

criterion_group!(benches, networks);
criterion_main!(benches);
