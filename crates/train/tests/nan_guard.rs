//! The guard names what is not finite.

use selvedge_nn::{Linear, Module, Sequential};
use selvedge_train::{NanGuard, TrainError};
use tch::{Kind, Tensor};

#[derive(Module)]
struct Network {
    hidden: Linear,
    output: Linear,
}

fn network() -> Network {
    Network { hidden: Linear::new(2, 3), output: Linear::new(3, 1) }
}

fn fill(tensor: &Tensor, value: f64) {
    let _no_grad = tch::no_grad_guard();
    let _ = tensor.shallow_clone().fill_(value);
}

fn cause(network: &impl Module) -> String {
    match NanGuard::default().check(&Tensor::from(f32::INFINITY), network, 7, 3) {
        Err(TrainError::NonFiniteLoss { loss, step: 7, batch: 3, cause }) if loss == f64::INFINITY => cause,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_finite_loss_passes() {
    NanGuard::default().check(&Tensor::from(1e30_f32), &network(), 0, 0).unwrap();
}

#[test]
fn the_first_layer_that_is_not_finite_is_named() {
    let network = network();
    assert!(cause(&network).starts_with("parameters, buffers and gradients are finite, the largest value"));
    fill(&network.output.weight, 3e38);
    assert!(cause(&network).contains("3.000e38 in output.weight"), "{}", cause(&network));
    let loss = (&network.output.weight * Tensor::from(f32::NAN)).sum(Kind::Float);
    loss.backward();
    assert_eq!(cause(&network), "the gradient of output.weight is not finite");
    fill(network.output.bias.as_ref().unwrap(), f64::NAN);
    assert_eq!(cause(&network), "output.bias is not finite");
    fill(&network.hidden.weight, f64::NEG_INFINITY);
    assert_eq!(cause(&network), "hidden.weight is not finite");
}

#[test]
fn a_network_without_parameters_is_no_trouble() {
    assert_eq!(cause(&Sequential::new()), "the model has no parameters; look at the batch");
}

#[test]
fn it_looks_as_often_as_it_is_told() {
    let guard = NanGuard { every: 10 };
    let (nan, network) = (Tensor::from(f32::NAN), network());
    guard.check(&nan, &network, 9, 0).unwrap();
    assert!(guard.check(&nan, &network, 10, 0).is_err());
    assert!(NanGuard { every: 0 }.validate().is_err());
}
