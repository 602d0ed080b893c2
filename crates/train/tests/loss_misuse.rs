//! What the losses refuse: options at construction, tensors at the caller's line.

use std::panic::{AssertUnwindSafe, catch_unwind};

use selvedge_train::{CrossEntropyLoss, Loss, MseLoss, NllLoss, TrainError};
use tch::{Device, Kind, Tensor};

fn zeros(size: &[i64]) -> Tensor {
    Tensor::zeros(size, (Kind::Float, Device::Cpu))
}

fn indices(indices: &[i64]) -> Tensor {
    Tensor::from_slice(indices)
}

/// The message and the file of the panic.
fn panic_of(run: impl FnOnce() -> Tensor) -> (String, String) {
    use std::sync::{Mutex, PoisonError};
    static ONE: Mutex<()> = Mutex::new(());
    static PLACE: Mutex<String> = Mutex::new(String::new());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| {
        let file = info.location().map(|place| place.file().to_owned()).unwrap_or_default();
        *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = file;
    }));
    let result = catch_unwind(AssertUnwindSafe(run));
    std::panic::set_hook(hook);
    let payload = result.expect_err("nothing was refused");
    let message = payload.downcast_ref::<String>().cloned().unwrap_or_default();
    let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (message, place)
}

#[test]
fn tensors_that_do_not_fit_are_refused_at_the_callers_line() {
    let cross_entropy = CrossEntropyLoss::default();
    let nll = NllLoss::default();
    let weighted = NllLoss { weight: Some(vec![1.0; 3]), ..NllLoss::default() };
    type Misuse<'a> = Box<dyn FnOnce() -> Tensor + 'a>;
    let cases: Vec<(Misuse<'_>, &str)> = vec![
        (
            Box::new(|| MseLoss::default().forward(&zeros(&[4, 1]), &zeros(&[4]))),
            "mse_loss: expected target of the input's size [4, 1], found [4]",
        ),
        (
            Box::new(|| nll.forward(&zeros(&[2, 4]), &indices(&[0, 1, 2]))),
            "nll_loss: expected target of size [2], found [3]",
        ),
        (
            Box::new(|| nll.forward(&zeros(&[2, 4]), &zeros(&[2]))),
            "nll_loss: expected target of kind Int64, found Float",
        ),
        (Box::new(|| nll.forward(&zeros(&[2, 4]), &indices(&[0, 4]))), "nll_loss: Target 4 is out of bounds"),
        (
            Box::new(|| weighted.forward(&zeros(&[2, 4]), &indices(&[0, 1]))),
            "nll_loss: expected weight of size [4], found [3]",
        ),
        (
            Box::new(|| nll.forward(&zeros(&[]), &indices(&[0]))),
            "nll_loss: expected input of size [C] or [N, C, ...], found []",
        ),
        (
            Box::new(|| cross_entropy.forward(&zeros(&[2, 4, 5]), &indices(&[0, 1]))),
            "cross_entropy: expected target of size [2, 5], found [2]",
        ),
        (
            Box::new(|| cross_entropy.forward(&zeros(&[2, 4]), &indices(&[-1, 0]))),
            "cross_entropy: Target -1 is out of bounds",
        ),
        (
            Box::new(|| cross_entropy.forward(&zeros(&[2, 2]), &indices(&[0, 1, 1, 0]).reshape([2, 2]))),
            "cross_entropy: expected target probabilities",
        ),
    ];
    for (misuse, expected) in cases {
        let (message, place) = panic_of(misuse);
        assert!(message.starts_with(expected), "expected {expected:?}, found {message:?}");
        assert!(place.ends_with("loss_misuse.rs"), "{message:?} blames {place}");
    }
}

#[test]
fn options_out_of_their_domain_are_errors() {
    let smoothing =
        |label_smoothing| CrossEntropyLoss { label_smoothing, ..CrossEntropyLoss::default() }.validate();
    for value in [-0.1, 1.1, f64::NAN] {
        let Err(TrainError::OutOfDomain { unit, option, .. }) = smoothing(value) else {
            panic!("label_smoothing {value} is accepted")
        };
        assert_eq!((unit, option), ("CrossEntropyLoss", "label_smoothing"));
    }
    smoothing(1.0).unwrap();
    for weight in [vec![], vec![1.0, f64::NAN]] {
        let error = NllLoss { weight: Some(weight), ..NllLoss::default() }.validate().unwrap_err();
        assert!(error.to_string().starts_with("NllLoss: weight is ["), "{error}");
    }
}

#[test]
fn unknown_options_are_errors() {
    let error = serde_json::from_str::<CrossEntropyLoss>(r#"{"smoothing": 0.1}"#).unwrap_err();
    assert!(error.to_string().contains("label_smoothing"), "{error}");
    assert!(serde_json::from_str::<MseLoss>(r#"{"reduction": "average"}"#).is_err());
}
