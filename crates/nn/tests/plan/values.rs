use selvedge_nn::plan::{Chain, Plan};
use selvedge_nn::{Forward, Mode, ModuleExt, Sequential, repr};
use selvedge_torch::{CudaGraph, Replay, cuda};
use tch::{Device, Kind, Tensor};

use crate::cases::{Case, cases};
use crate::generator;
use crate::offset::Offset;

#[test]
fn each_stage_gives_the_values_and_gradients_of_its_layer() {
    let _generator = generator();
    for device in [Device::Cpu].into_iter().chain(cuda::devices()) {
        compare(device);
    }
}

fn compare(device: Device) {
    let double = (Kind::Double, device);
    for Case(layer, size) in cases() {
        let name = format!("{} of {size:?} on {device:?}", repr(&*layer));
        let offset = Offset { offset: Tensor::zeros(&size, double).set_requires_grad(true) };
        let model = Sequential::new().then(offset).then(layer);
        model.to_kind(Kind::Double);
        model.to(device);
        let gradients: Vec<(Tensor, Tensor)> = model
            .parameters()
            .into_iter()
            .map(|tensor| (tensor.shallow_clone(), tensor.detach().zeros_like()))
            .collect();
        let chain = Chain::of(&model).unwrap();
        tch::manual_seed(3);
        let inputs: Vec<Tensor> = (0..RUNS).map(|_| Tensor::randn(&size, double)).collect();
        let mut training = match Plan::new(&chain, &inputs[0], Mode::Train, &gradients) {
            Err(refusal) if device.is_cuda() => {
                assert!(refusal.reason.contains("a momentum that depends on"), "{name}: {refusal}");
                continue;
            }
            plan => plan.unwrap(),
        };
        let mut evaluating = Plan::new(&chain, &inputs[0], Mode::Eval, &[]).unwrap();
        let (mut train, mut evaluate) = (Replay::on(device), Replay::on(device));
        let mut input = inputs[0].zeros_like();
        let mut gradient = evaluating.output().zeros_like();
        for values in &inputs {
            input.copy_(values);
            let input = &input;
            let before: Vec<Tensor> = model.named_buffers().iter().map(|(_, buffer)| buffer.copy()).collect();
            tch::manual_seed(4);
            let expected = model.forward(input, Mode::Train);
            let weights = Tensor::randn(expected.size(), double);
            for parameter in model.parameters() {
                selvedge_torch::clear_gradient(&parameter);
            }
            (&expected * &weights).sum(Kind::Double).backward();
            let untouched = input.copy();

            // The running values move once.
            let buffers: Vec<(String, Tensor)> =
                model.named_buffers().into_iter().map(|(path, buffer)| (path, buffer.copy())).collect();
            for ((_, buffer), before) in model.named_buffers().iter_mut().zip(&before) {
                buffer.copy_(before);
            }
            tch::manual_seed(4);
            gradient.copy_(&weights);
            train.run(|| {
                let _ = training.forward(input);
                // It may be written over.
                training.backward(input, &gradient.copy());
            });
            close(&name, training.output(), &expected.detach());
            for ((path, parameter), (_, gradient)) in model.named_parameters().iter().zip(&gradients) {
                close(&format!("{name}: {path}"), gradient, &parameter.grad());
            }
            for ((path, buffer), (_, expected)) in model.named_buffers().iter().zip(&buffers) {
                close(
                    &format!("{name}: {path}"),
                    &buffer.to_kind(Kind::Double),
                    &expected.to_kind(Kind::Double),
                );
            }
            evaluate.run(|| {
                let _ = evaluating.forward(input);
            });
            close(&name, evaluating.output(), &model.forward(input, Mode::Eval).detach());
            assert_eq!(*input, untouched, "{name} changed its input");
        }
        for replay in [train, evaluate] {
            let is_recorded = matches!(replay.outcome(), Some(Ok(())));
            assert_eq!(is_recorded, device.is_cuda() && CudaGraph::is_built(), "{name}: {replay:?}");
        }
    }
}

/// More than one, because the buffers keep what was there, and on a CUDA device some until it is recorded.
const RUNS: usize = 6;

#[track_caller]
fn close(what: &str, found: &Tensor, expected: &Tensor) {
    assert_eq!(found.size(), expected.size(), "{what}");
    assert!(found.allclose(expected, 1e-11, 1e-13, false), "{what}: {found:?} {found} instead of {expected}");
}
