//! The transforms, against torchvision's numbers.

// A test has nothing better to do with an error.
#![allow(clippy::unwrap_used)]

use selvedge_data::{
    Apply, Compose, ImageBytes, Loader, LoaderOptions, Normalize, Shape, ToTensor, Transform,
};
use selvedge_golden::Golden;
use tch::Tensor;

fn golden() -> Golden {
    Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/transforms.safetensors"))
}

fn cases() -> impl Iterator<Item = (Normalize, selvedge_golden::Case)> {
    golden()
        .cases
        .into_iter()
        .filter(|case| case.unit == "Normalize")
        .map(|case| (serde_json::from_value(case.options.clone()).unwrap(), case))
}

/// To the bit: -0 is not 0 here, and NaN would be NaN.
#[track_caller]
fn assert_same_bits(found: &Tensor, expected: &Tensor) {
    let bits = |tensor: &Tensor| -> Vec<u32> {
        Vec::<f32>::try_from(tensor.contiguous().view(-1)).unwrap().into_iter().map(f32::to_bits).collect()
    };
    assert_eq!(found.size(), expected.size());
    assert_eq!(bits(found), bits(expected));
}

#[test]
fn steps_give_torchvision_s_bits() {
    assert_eq!(cases().count(), 3);
    for (normalize, case) in cases() {
        let scaled = ToTensor.apply(&case.tensor("input")).unwrap();
        assert_same_bits(&scaled, &case.tensor("scaled"));
        assert_same_bits(&normalize.apply(&scaled).unwrap(), &case.tensor("output"));
    }
}

/// The loader looks the bytes up in a table; the last image differs from the first in its bytes' order.
#[test]
fn the_loader_gives_torchvision_s_bits() {
    for (normalize, case) in cases() {
        let input = case.tensor("input");
        let shape = Shape::new(input.size()[1] as usize, 16, 16);
        let bytes = Vec::<u8>::try_from(input.view(-1)).unwrap();
        let dataset = ImageBytes::new(shape, bytes.repeat(3), vec![0; 3], vec![]).unwrap();
        let nested = Compose::new([ToTensor.into()]);
        for transform in [
            Compose::new([ToTensor.into(), normalize.clone().into()]),
            Compose::new([nested.into(), normalize.clone().into()]),
        ] {
            let options = LoaderOptions { batch_size: 3, transform, ..LoaderOptions::default() };
            let images =
                Loader::new(dataset.clone(), options).unwrap().epoch(0).next().unwrap().unwrap().images;
            assert_same_bits(&images, &case.tensor("output").repeat([3, 1, 1, 1]));
        }
    }
}

#[test]
fn floats_stay_floats() {
    let floats = Tensor::from_slice(&[-1.5_f32, 300.0]).view([1, 1, 1, 2]);
    assert_same_bits(&ToTensor.apply(&floats).unwrap(), &floats);
}

#[test]
fn a_wrong_word_in_a_configuration_is_named() {
    for (json, part) in [
        (r#"{"type": "Normalise", "mean": [0.5], "std": [0.5]}"#, "unknown variant `Normalise`"),
        (r#"{"type": "Normalize", "mean": [0.5]}"#, "missing field `std`"),
        (r#"{"type": "Normalize", "mean": [0.5], "std": [0.5], "var": 1}"#, "unknown field `var`"),
        (r#"{"type": "ToTensor", "scale": true}"#, "unit struct ToTensor"),
    ] {
        match serde_json::from_str::<Transform>(json) {
            Err(error) => assert!(error.to_string().contains(part), "{error}"),
            Ok(transform) => panic!("{json} gave {transform:?}"),
        }
    }
}
