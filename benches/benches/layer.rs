//! Layers with parameters, forward and backward on a batch of 64: by autograd, and in a plan.

use criterion::{Criterion, criterion_group, criterion_main};
use selvedge_nn::plan::{Chain, Plan};
use selvedge_nn::{BatchNorm2d, Conv2d, ConvOptions, Forward, Linear, Mode, ModuleExt};
use tch::{Device, Kind, Tensor};

fn layer(criterion: &mut Criterion, name: &str, layer: &dyn Forward, size: &[i64]) {
    let input = Tensor::randn(size, (Kind::Float, Device::Cpu));
    let gradient = layer.forward(&input, Mode::Eval).detach().randn_like();
    criterion.bench_function(&format!("layer/{name}"), |bencher| {
        bencher.iter(|| {
            for parameter in layer.parameters() {
                selvedge_torch::clear_gradient(&parameter);
            }
            (layer.forward(&input, Mode::Train) * &gradient).sum(Kind::Float).backward();
        });
    });
    let parameters = layer.parameters().into_iter();
    let gradients: Vec<(Tensor, Tensor)> =
        parameters.map(|parameter| (parameter.shallow_clone(), parameter.detach().zeros_like())).collect();
    let chain = Chain::of(layer).expect("the layer is planned");
    let mut plan = Plan::new(&chain, &input, Mode::Train, &gradients).expect("the input fits");
    criterion.bench_function(&format!("layer/{name} planned"), |bencher| {
        bencher.iter(|| {
            plan.forward(&input);
            plan.backward(&input, &gradient);
        });
    });
}

fn layers(criterion: &mut Criterion) {
    let same_size = || ConvOptions { padding: 1.into(), ..ConvOptions::default() };
    let convolution =
        |inputs, outputs| Conv2d::with(inputs, outputs, 3, same_size()).expect("the options are good");
    layer(criterion, "Linear 784 to 256", &Linear::new(784, 256), &[64, 784]);
    layer(criterion, "Linear 256 to 128", &Linear::new(256, 128), &[64, 256]);
    layer(criterion, "Linear 128 to 10", &Linear::new(128, 10), &[64, 128]);
    layer(criterion, "Conv2d 1 to 32", &convolution(1, 32), &[64, 1, 28, 28]);
    layer(criterion, "Conv2d 32 to 64", &convolution(32, 64), &[64, 32, 14, 14]);
    layer(criterion, "BatchNorm2d of 32", &BatchNorm2d::new(32), &[64, 32, 14, 14]);
}

criterion_group!(benches, layers);
criterion_main!(benches);
