//! The policies, against torchvision's.

// A test has nothing better to do with an error.
#![allow(clippy::unwrap_used)]

use selvedge_golden::{Case, Golden, assert_close};
use serde::de::DeserializeOwned;
use tch::Kind;

use super::policies::{CIFAR10, IMAGENET, SVHN};
use super::{Operation, Space, Step, aug_mix, rand_augment, run, trivial_augment_wide};
use crate::Draws;
use crate::transform::functional::Frame;

fn cases(unit: &str) -> Vec<Case> {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/augmentations.safetensors"));
    golden.cases.into_iter().filter(|case| case.unit == unit).collect()
}

#[track_caller]
fn option<T: DeserializeOwned>(case: &Case, name: &str) -> T {
    serde_json::from_value(case.options[name].clone()).unwrap()
}

#[test]
fn operations_give_torchvision_s_images() {
    let cases = cases("policy.operation");
    assert!(cases.len() > 50);
    for case in cases {
        let step = Step { operation: option(&case, "operation"), magnitude: option(&case, "magnitude") };
        let images = case.tensor("input");
        let found = run(&images, &[step; 2], option(&case, "interpolation"), None).unwrap();
        let tolerance = if images.kind() == Kind::Uint8 { 0.0 } else { 1e-5 };
        assert_close(&case.name, &found, &case.tensor("output"), tolerance);
    }
}

#[test]
fn pairs_are_torchvision_s() {
    let cases = cases("policy.pairs");
    assert_eq!(cases.len(), 3);
    for (case, policy) in cases.iter().zip([IMAGENET, CIFAR10, SVHN]) {
        let pairs: Vec<[(Operation, f64, usize); 2]> = option(case, "pairs");
        assert_eq!(pairs, policy, "{}", case.name);
    }
}

#[test]
fn strengths_are_torchvision_s() {
    let frame = Frame { count: 1, channels: 3, height: 32, width: 48 };
    let cases = cases("policy.space");
    let listed = rand_augment::OPERATIONS.len() * 3 + aug_mix::OPERATIONS.len();
    assert_eq!(cases.len(), listed);
    for case in cases {
        let space = match option::<String>(&case, "policy").as_str() {
            "TrivialAugmentWide" => trivial_augment_wide::SPACE,
            "AugMix" => aug_mix::SPACE,
            _ => Space::USUAL,
        };
        let expected: Vec<f64> = option(&case, "magnitudes");
        let operation = option(&case, "operation");
        let signs: Vec<bool> = (0..20 * expected.len())
            .map(|draw| {
                let indices = [draw];
                let mut random = Draws::new(1, 0, &indices).image(0);
                let bin = draw % expected.len();
                let found = space.step(operation, (bin, expected.len()), frame, &mut random).magnitude;
                // The JSON of a number may be read one bit off.
                let close = (found.abs() - expected[bin]).abs() <= 1e-15 * expected[bin].abs();
                assert!(close, "{} {bin}: {found}", case.name);
                found.is_sign_negative()
            })
            .collect();
        let negative = signs.iter().filter(|sign| **sign).count() as f64 / signs.len() as f64;
        if option(&case, "signed") {
            assert!((negative - 0.5).abs() < 0.15, "{}: {negative}", case.name);
        } else {
            assert_eq!(negative, 0.0, "{}", case.name);
        }
    }
}
