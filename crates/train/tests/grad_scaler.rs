//! The gradient scaler, step by step as PyTorch's.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

use selvedge_golden::{Golden, assert_close};
use selvedge_train::GradScaler;
use serde_json::json;
use tch::{Kind, Tensor};

#[test]
fn scales_and_gradients_are_pytorchs() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/grad_scaler.safetensors"));
    for case in &golden.cases {
        let mut scaler: GradScaler = serde_json::from_value(case.options.clone()).unwrap();
        scaler.validate().unwrap();
        let (before, after) = (case.tensor("before"), case.tensor("after"));
        for step in 0..before.size()[0] {
            let gradient = before.get(step);
            let weight = gradient.zeros_like().set_requires_grad(true);
            let other = Tensor::from_slice(&[1.0_f32]).set_requires_grad(true);
            (&weight * &gradient).sum(Kind::Float).backward();
            other.sum(Kind::Float).backward();
            let finite = scaler.unscale(&[weight.shallow_clone(), other]);
            assert_eq!(finite, gradient.isfinite().all().int64_value(&[]) == 1);
            if finite {
                assert_close(&case.name, &weight.grad(), &after.get(step), 1e-6);
            }
            scaler.update(finite);
            let expected = case.tensor("scales").double_value(&[step]);
            assert_eq!(scaler.scale, expected, "{} at step {step}", case.name);
            let expected = case.tensor("trackers").int64_value(&[step]);
            assert_eq!(scaler.growth_tracker as i64, expected, "{} at step {step}", case.name);
        }
    }
    assert_eq!(golden.cases.len(), 9);
}

#[test]
fn its_json_is_the_state_dict_of_pytorch() {
    let state = json!({
        "scale": 65536.0, "growth_factor": 2.0, "backoff_factor": 0.5, "growth_interval": 2000, "_growth_tracker": 0,
    });
    assert_eq!(serde_json::to_value(GradScaler::default()).unwrap(), state);
    assert_eq!(serde_json::from_value::<GradScaler>(state).unwrap(), GradScaler::default());
}

#[test]
fn options_out_of_their_domain_are_refused() {
    let default = GradScaler::default;
    for (scaler, option) in [
        (GradScaler { scale: -1.0, ..default() }, "scale"),
        (GradScaler { scale: f64::INFINITY, ..default() }, "scale"),
        (GradScaler { growth_factor: 1.0, ..default() }, "growth_factor"),
        (GradScaler { backoff_factor: 1.0, ..default() }, "backoff_factor"),
        (GradScaler { growth_interval: 0, ..default() }, "growth_interval"),
    ] {
        let message = scaler.validate().unwrap_err().to_string();
        assert!(message.contains(option), "{message}");
    }
}
