//! Gradient clipping against PyTorch's numbers.

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_train::TrainError;
use selvedge_train::clip::{ClipGradientNorm, ClipGradientValue};
use tch::{Device, Kind, Tensor};

/// Parameters with the given gradients, and one without in between.
fn parameters(gradients: &[Tensor]) -> Vec<Tensor> {
    let mut parameters: Vec<_> = gradients
        .iter()
        .map(|gradient| {
            let parameter = gradient.zeros_like().set_requires_grad(true);
            (&parameter * gradient).sum(None::<Kind>).backward();
            parameter
        })
        .collect();
    parameters.insert(1, Tensor::zeros([2], (Kind::Float, Device::Cpu)).set_requires_grad(true));
    parameters
}

fn tensors(case: &Case, prefix: &str) -> Vec<Tensor> {
    case.under(prefix).map(|(_, tensor)| tensor).collect()
}

fn gradients(parameters: &[Tensor]) -> Vec<Tensor> {
    parameters.iter().map(Tensor::grad).filter(Tensor::defined).collect()
}

#[test]
fn clipped_gradients_and_norms_are_pytorchs() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/clip.safetensors"));
    for case in &golden.cases {
        let parameters = parameters(&tensors(case, "before."));
        if case.unit == "clip_grad_norm_" {
            let clip: ClipGradientNorm = serde_json::from_value(case.options.clone()).unwrap();
            clip.validate().unwrap();
            let norm = clip.clip(&parameters).unwrap();
            let relative = case.tolerance(norm.kind());
            assert_close(&case.name, &norm, &case.tensor("norm"), relative);
        } else {
            let clip: ClipGradientValue = serde_json::from_value(case.options.clone()).unwrap();
            clip.clip(&parameters);
        }
        for (found, expected) in gradients(&parameters).iter().zip(tensors(case, "after.")) {
            let relative = case.tolerance(expected.kind());
            assert_close(&case.name, found, &expected, relative);
        }
    }
    assert!(golden.cases.len() > 50);
}

#[test]
fn a_norm_that_is_not_finite_can_be_an_error() {
    for value in [f64::NAN, f64::INFINITY] {
        let parameters = parameters(&[Tensor::from_slice(&[1.0]), Tensor::from_slice(&[2.0, value])]);
        let clip = ClipGradientNorm { error_if_nonfinite: true, ..ClipGradientNorm::default() };
        let error = clip.clip(&parameters).unwrap_err();
        let TrainError::NonFiniteNorm { cause, .. } = &error else { panic!("{error}") };
        assert_eq!(cause, "the gradient of parameter 2 is the first that is not finite");
        assert_eq!(gradients(&parameters)[0].double_value(&[0]), 1.0);
    }
}

#[test]
fn without_gradients_the_norm_is_0() {
    assert_eq!(ClipGradientNorm::default().clip(&[]).unwrap().double_value(&[]), 0.0);
    let parameter = Tensor::zeros([2], (Kind::Double, Device::Cpu)).set_requires_grad(true);
    ClipGradientValue::default().clip(&[parameter.shallow_clone()]);
    assert!(!parameter.grad().defined());
}

#[test]
fn options_out_of_their_domain_are_errors() {
    assert!(ClipGradientNorm { max_norm: -1.0, ..ClipGradientNorm::default() }.validate().is_err());
    assert!(ClipGradientNorm { max_norm: f64::NAN, ..ClipGradientNorm::default() }.validate().is_err());
    assert!(ClipGradientNorm { norm_type: 0.0, ..ClipGradientNorm::default() }.validate().is_err());
    assert!(ClipGradientValue { clip_value: -1.0 }.validate().is_err());
}

#[test]
fn an_infinite_order_survives_a_configuration_file() {
    let clip = ClipGradientNorm { norm_type: f64::INFINITY, ..ClipGradientNorm::default() };
    let text = serde_json::to_string(&clip).unwrap();
    assert!(text.contains(r#""norm_type":"inf""#), "{text}");
    assert_eq!(serde_json::from_str::<ClipGradientNorm>(&text).unwrap(), clip);
    let error = serde_json::from_str::<ClipGradientNorm>(r#"{"norm_type": "max"}"#).unwrap_err();
    assert!(error.to_string().contains("expected a number or \"inf\", found \"max\""), "{error}");
}
