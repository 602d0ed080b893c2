//! Steps of the optimizers over the chapter's parameters, and the same arithmetic by plain operations.

use criterion::{Criterion, criterion_group, criterion_main};
use selvedge_benches::{fashion_network, with_gradients};
use selvedge_train::optim::{Adam, AdamW, Optimizer, Sgd, UpdateRule};
use tch::Tensor;

fn bench<R: UpdateRule>(criterion: &mut Criterion, rule: R) {
    let mut optimizer =
        Optimizer::new(with_gradients(fashion_network()), rule).expect("the options are good");
    criterion.bench_function(&format!("optimizer/{}", R::NAME), |bencher| bencher.iter(|| optimizer.step()));
}

fn optimizers(criterion: &mut Criterion) {
    bench(criterion, Sgd { lr: 1e-3, ..Sgd::default() });
    bench(criterion, Adam::default());
    bench(criterion, AdamW::default());
    plain_adam(criterion);
}

/// Adam with an operation of libtorch for each step of its formula, as `tch::nn` does it.
fn plain_adam(criterion: &mut Criterion) {
    let parameters = with_gradients(fashion_network());
    let averages: Vec<Tensor> = parameters.iter().map(Tensor::zeros_like).collect();
    let squares: Vec<Tensor> = parameters.iter().map(Tensor::zeros_like).collect();
    let (lr, betas, eps): (f64, (f64, f64), f64) = (1e-3, (0.9, 0.999), 1e-8);
    let mut step = 0;
    criterion.bench_function("optimizer/Adam by plain operations", |bencher| {
        let _no_grad = tch::no_grad_guard();
        bencher.iter(|| {
            step += 1;
            let corrections = (1.0 - betas.0.powi(step), 1.0 - betas.1.powi(step));
            for ((parameter, average), square) in parameters.iter().zip(&averages).zip(&squares) {
                let gradient = parameter.grad();
                let _ = average.shallow_clone().lerp_(&gradient, 1.0 - betas.0);
                let mut square = square.shallow_clone();
                let _ = square.g_mul_scalar_(betas.1);
                let _ = square.addcmul_(&gradient, &gradient.g_mul_scalar(1.0 - betas.1));
                let denominator = (square.sqrt() / corrections.1.sqrt()) + eps;
                let update = average / denominator;
                let _ = parameter.shallow_clone().g_add_(&(update * (-lr / corrections.0)));
            }
        });
    });
}

criterion_group!(benches, optimizers);
criterion_main!(benches);
