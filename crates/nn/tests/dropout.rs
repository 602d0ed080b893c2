//! Dropout draws what PyTorch draws from the same generator state, and refuses what PyTorch refuses.

use std::collections::BTreeSet;
use std::panic::catch_unwind;

use selvedge_golden::Golden;
use selvedge_nn::{
    AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout, Forward, Mode,
};
use tch::{Device, Kind, Tensor};

const UNITS: [&str; 6] =
    ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"];

fn layer(unit: &str, p: f64) -> (Box<dyn Forward>, String) {
    fn boxed(layer: impl Forward + ToString + 'static) -> (Box<dyn Forward>, String) {
        let repr = layer.to_string();
        (Box::new(layer), repr)
    }
    match unit {
        "AlphaDropout" => boxed(AlphaDropout::new(p)),
        "Dropout" => boxed(Dropout::new(p)),
        "Dropout1d" => boxed(Dropout1d::new(p)),
        "Dropout2d" => boxed(Dropout2d::new(p)),
        "Dropout3d" => boxed(Dropout3d::new(p)),
        "FeatureAlphaDropout" => boxed(FeatureAlphaDropout::new(p)),
        other => panic!("no dropout {other}"),
    }
}

/// One test, since the generator is shared by all threads.
#[test]
fn the_draws_are_pytorchs() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/dropout.safetensors"));
    for case in &golden.cases {
        let name = &case.name;
        let (layer, repr) = layer(&case.unit, case.options["p"].as_f64().unwrap());
        assert_eq!(repr, case.options["repr"].as_str().unwrap(), "{name}");
        let input = case.tensor("input").set_requires_grad(true);
        tch::manual_seed(case.options["seed"].as_i64().unwrap());
        let output = layer.forward(&input, Mode::Train);
        let after = Tensor::rand([4], (Kind::Float, Device::Cpu));
        (&output * case.tensor("cotangent")).sum(output.kind()).backward();
        assert_eq!(output, case.tensor("output"), "{name}: output");
        assert_eq!(input.grad(), case.tensor("gradient"), "{name}: gradient");
        assert_eq!(after, case.tensor("after"), "{name}: the generator afterwards");
        let same = layer.forward(&input, Mode::Eval);
        assert_eq!(same.data_ptr(), input.data_ptr(), "{name}: evaluation is the identity, without a copy");
    }
    let covered: BTreeSet<&str> = golden.cases.iter().map(|case| case.unit.as_str()).collect();
    assert_eq!(covered, BTreeSet::from(UNITS));
}

#[test]
fn a_probability_outside_of_0_to_1_is_refused() {
    for p in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        for unit in UNITS {
            assert!(panic_of(move || drop(layer(unit, p))).contains("has to lie in [0, 1]"), "{unit} {p}");
        }
        let message = panic_of(move || {
            let _ = Dropout { p }.forward(&Tensor::zeros([2], (Kind::Float, Device::Cpu)), Mode::Eval);
        });
        assert!(message.contains("dropout: the probability p has to lie in [0, 1], found"), "{message}");
    }
    let error = serde_json::from_str::<Dropout>(r#"{"p": 1.5}"#).unwrap_err().to_string();
    assert!(error.contains("1.5") && error.contains("a probability in [0, 1]"), "{error}");
    assert!(serde_json::from_str::<Dropout>(r#"{"probability": 0.5}"#).is_err());
    assert_eq!(serde_json::from_str::<Dropout2d>("{}").unwrap(), Dropout2d { p: 0.5 });
}

#[test]
fn a_shape_that_it_does_not_take_is_refused() {
    for (unit, size) in [
        ("Dropout1d", vec![4]),
        ("Dropout2d", vec![4, 4]),
        ("Dropout3d", vec![4; 6]),
        ("FeatureAlphaDropout", vec![4]),
    ] {
        for mode in [Mode::Train, Mode::Eval] {
            let size = size.clone();
            let message = panic_of(move || {
                let _ = layer(unit, 0.5).0.forward(&Tensor::zeros(&size, (Kind::Float, Device::Cpu)), mode);
            });
            assert!(message.contains("dimensions") && message.contains("found shape [4"), "{message}");
        }
    }
    let message = panic_of(|| {
        let _ = Dropout::default().forward(&Tensor::zeros([2], (Kind::Int64, Device::Cpu)), Mode::Train);
    });
    assert!(message.contains("floating-point"), "{message}");
}

fn panic_of(f: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = catch_unwind(f).expect_err("it panics");
    panic.downcast_ref::<String>().expect("a formatted message").clone()
}
