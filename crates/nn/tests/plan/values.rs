use selvedge_nn::plan::{Chain, Plan};
use selvedge_nn::{Forward, Mode, ModuleExt, Sequential, repr};
use tch::{Device, Kind, Tensor};

use crate::cases::{Case, cases};
use crate::generator;
use crate::offset::Offset;

const DOUBLE: (Kind, Device) = (Kind::Double, Device::Cpu);

#[test]
fn each_stage_gives_the_values_and_gradients_of_its_layer() {
    let _generator = generator();
    for Case(layer, size) in cases() {
        let name = format!("{} of {size:?}", repr(&*layer));
        let offset = Offset { offset: Tensor::zeros(&size, DOUBLE).set_requires_grad(true) };
        let model = Sequential::new().then(offset).then(layer);
        model.to_kind(Kind::Double);
        let gradients: Vec<(Tensor, Tensor)> = model
            .parameters()
            .into_iter()
            .map(|tensor| (tensor.shallow_clone(), tensor.detach().zeros_like()))
            .collect();
        let chain = Chain::of(&model).unwrap();
        tch::manual_seed(3);
        let inputs: Vec<Tensor> = (0..2).map(|_| Tensor::randn(&size, DOUBLE)).collect();
        let mut training = Plan::new(&chain, &inputs[0], Mode::Train, &gradients).unwrap();
        let mut evaluating = Plan::new(&chain, &inputs[0], Mode::Eval, &[]).unwrap();
        // Twice, because the buffers keep what was there.
        for input in &inputs {
            let before: Vec<Tensor> = model.named_buffers().iter().map(|(_, buffer)| buffer.copy()).collect();
            tch::manual_seed(4);
            let expected = model.forward(input, Mode::Train);
            let weights = Tensor::randn(expected.size(), DOUBLE);
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
            close(&name, training.forward(input), &expected.detach());
            training.backward(input, &weights.copy());
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
            close(&name, evaluating.forward(input), &model.forward(input, Mode::Eval).detach());
            assert_eq!(*input, untouched, "{name} changed its input");
        }
    }
}

#[track_caller]
fn close(what: &str, found: &Tensor, expected: &Tensor) {
    assert_eq!(found.size(), expected.size(), "{what}");
    assert!(found.allclose(expected, 1e-11, 1e-13, false), "{what}: {found:?} {found} instead of {expected}");
}
