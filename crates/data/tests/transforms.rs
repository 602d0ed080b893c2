//! The transforms, against torchvision's numbers.

// A test has nothing better to do with an error.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use selvedge_data::functional::{self, Affine, Region};
use selvedge_data::{
    Apply, Compose, Fill, ImageBytes, Interpolation, Loader, LoaderOptions, Normalize, Shape, ToTensor,
    Transform,
};
use selvedge_golden::{Case, Golden, assert_close};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tch::{Kind, Tensor};

fn golden() -> Golden {
    Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/transforms.safetensors"))
}

/// An option of a case.
#[track_caller]
fn option<T: DeserializeOwned>(case: &Case, name: &str) -> T {
    serde_json::from_value(case.options[name].clone()).unwrap()
}

/// The transform of a case, by torchvision's name and options.
fn transform(case: &Case) -> Transform {
    let mut json = case.options.clone();
    json["type"] = Value::from(case.unit.clone());
    serde_json::from_value(json).unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

/// The functional form of a case.
fn function(case: &Case, images: &Tensor) -> Tensor {
    let fill: Option<Fill> = serde_json::from_value(case.options["fill"].clone()).unwrap();
    let fill = fill.as_ref();
    let interpolation = || option::<Interpolation>(case, "interpolation");
    let values = || option::<Vec<f64>>(case, "values");
    match case.unit.strip_prefix("functional.").unwrap() {
        "perspective" => {
            let start = option(case, "start");
            let ends: Vec<[[f64; 2]; 4]> = option(case, "end");
            let coefficients: Vec<_> = ends
                .into_iter()
                .map(|end| functional::perspective_coefficients(start, end).unwrap())
                .collect();
            functional::perspective(images, &coefficients, interpolation(), fill)
        }
        "elastic" => functional::elastic(images, &case.tensor("displacement"), interpolation(), fill),
        "affine" => {
            let affine = |affine: &Value| Affine {
                angle: affine["angle"].as_f64().unwrap(),
                translate: serde_json::from_value(affine["translate"].clone()).unwrap(),
                scale: affine["scale"].as_f64().unwrap(),
                shear: serde_json::from_value(affine["shear"].clone()).unwrap(),
            };
            let affines: Vec<_> = option::<Vec<Value>>(case, "affines").iter().map(affine).collect();
            functional::affine(images, &affines, interpolation(), fill, None)
        }
        "rotate" => {
            let angles: Vec<f64> = option(case, "angles");
            functional::rotate(images, &angles, interpolation(), false, None, fill)
        }
        "crop" => functional::crop(images, &option::<Vec<_>>(case, "places"), option(case, "size")),
        "resized_crop" => functional::resized_crop(
            images,
            &regions(case),
            option(case, "size"),
            interpolation(),
            option(case, "antialias"),
        ),
        "erase" => functional::erase(images, &regions(case), &case.tensor("values")),
        "permute_channels" => functional::permute_channels(images, &option::<Vec<_>>(case, "orders")),
        "adjust_brightness" => functional::adjust_brightness(images, &values()),
        "adjust_contrast" => functional::adjust_contrast(images, &values()),
        "adjust_saturation" => functional::adjust_saturation(images, &values()),
        "adjust_hue" => functional::adjust_hue(images, &values()),
        "adjust_sharpness" => functional::adjust_sharpness(images, &values()),
        "posterize" => functional::posterize(images, &option::<Vec<_>>(case, "values")),
        "solarize" => functional::solarize(images, &values()),
        "gaussian_blur" => {
            let sigmas: Vec<_> = values().into_iter().map(|sigma| [sigma; 2]).collect();
            functional::gaussian_blur(images, [3, 5].into(), &sigmas)
        }
        other => panic!("no function {other}"),
    }
    .unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

fn regions(case: &Case) -> Vec<Region> {
    let regions: Vec<[i64; 4]> = option(case, "regions");
    let region = |[top, left, height, width]: [i64; 4]| Region { top, left, height, width };
    regions.into_iter().map(region).collect()
}

/// Bytes are the same, floats as close as the order of a sum allows.
#[test]
fn gives_torchvision_s_images() {
    for case in golden().cases {
        let images = case.tensor("input");
        let found = if case.unit.starts_with("functional.") {
            function(&case, &images)
        } else {
            transform(&case).apply(&images).unwrap_or_else(|error| panic!("{}: {error}", case.name))
        };
        let tolerance = if found.kind() == Kind::Uint8 { 0.0 } else { 1e-5 };
        assert_close(&case.name, &found, &case.tensor("output"), tolerance);
    }
}

/// The transforms of torchvision that this crate has, and what says that each is right: the class itself where
/// its options can leave nothing to chance, else its functional form.
#[rustfmt::skip]
const FAMILY: &[(&str, &str)] = &[
    ("Compose", ""), ("RandomApply", ""), ("RandomChoice", ""), ("RandomOrder", ""),
    ("ToTensor", ""), ("ToImage", ""), ("ToDtype", ""), ("ConvertImageDtype", ""),
    ("Resize", ""), ("CenterCrop", ""), ("FiveCrop", ""), ("TenCrop", ""), ("Pad", ""),
    ("RandomCrop", ""), ("RandomCrop", "functional.crop"),
    ("RandomResizedCrop", ""), ("RandomResizedCrop", "functional.resized_crop"),
    ("RandomHorizontalFlip", ""), ("RandomVerticalFlip", ""),
    ("RandomRotation", ""), ("RandomRotation", "functional.rotate"),
    ("RandomAffine", ""), ("RandomAffine", "functional.affine"),
    ("RandomPerspective", "functional.perspective"), ("ElasticTransform", "functional.elastic"),
    ("RandomZoomOut", ""), ("ScaleJitter", ""),
    ("ColorJitter", ""), ("ColorJitter", "functional.adjust_brightness"),
    ("ColorJitter", "functional.adjust_contrast"), ("ColorJitter", "functional.adjust_saturation"),
    ("ColorJitter", "functional.adjust_hue"),
    ("Grayscale", ""), ("RandomGrayscale", ""),
    ("RandomAdjustSharpness", ""), ("RandomAdjustSharpness", "functional.adjust_sharpness"),
    ("RandomAutocontrast", ""), ("RandomEqualize", ""), ("RandomInvert", ""),
    ("RandomPosterize", ""), ("RandomPosterize", "functional.posterize"),
    ("RandomSolarize", ""), ("RandomSolarize", "functional.solarize"),
    ("RandomChannelPermutation", "functional.permute_channels"),
    ("GaussianBlur", ""), ("GaussianBlur", "functional.gaussian_blur"), ("GaussianNoise", ""),
    ("RandomErasing", ""), ("RandomErasing", "functional.erase"),
    ("AutoAugment", "policy.operation"), ("AutoAugment", "policy.pairs"), ("AutoAugment", "policy.space"),
    ("RandAugment", "policy.space"), ("TrivialAugmentWide", "policy.space"), ("AugMix", "policy.space"),
    ("MixUp", "mix.MixUp"), ("CutMix", "mix.CutMix"),
    ("Normalize", ""), ("LinearTransformation", ""),
];

#[test]
fn every_transform_has_a_case_and_every_case_a_transform() {
    let augmentations =
        Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/augmentations.safetensors"));
    let cases = golden().cases.into_iter().chain(augmentations.cases);
    let tested: BTreeSet<String> = cases.map(|case| case.unit).collect();
    let expected: BTreeSet<String> = FAMILY
        .iter()
        .map(|(class, functional)| if functional.is_empty() { class } else { functional })
        .map(|unit| (*unit).to_owned())
        .collect();
    assert_eq!(tested, expected);
    // An unknown word lists the names that a configuration may have.
    let error = serde_json::from_str::<Transform>(r#"{"type": "?"}"#).unwrap_err().to_string();
    let known: BTreeSet<&str> = error.split('`').skip(3).step_by(2).collect();
    // What mixes labels stands after the loader.
    let in_chains =
        FAMILY.iter().map(|(class, _)| *class).filter(|class| !["MixUp", "CutMix"].contains(class));
    assert_eq!(known, in_chains.collect());
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

/// The loader looks the bytes up in a table.
#[test]
fn the_loader_gives_torchvision_s_bits() {
    let cases: Vec<_> = golden().cases.into_iter().filter(|case| case.unit == "Normalize").collect();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let normalize: Normalize = serde_json::from_value(case.options.clone()).unwrap();
        let bytes = case.tensor("bytes");
        assert_same_bits(&ToTensor.apply(&bytes).unwrap(), &case.tensor("input"));
        let shape = Shape::new(bytes.size()[1] as usize, 16, 16);
        let bytes = Vec::<u8>::try_from(bytes.view(-1)).unwrap();
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
fn crops_may_be_normalised() {
    let images = Tensor::arange(2 * 3 * 16, (Kind::Float, tch::Device::Cpu)).view([2, 3, 4, 4]) / 96.0;
    let normalize = Normalize::new(&[0.5, 0.25, 0.125], &[0.5, 0.25, 0.125]);
    let crops = functional::five_crop(&images, 2.into()).unwrap();
    let normalised = normalize.apply(&crops).unwrap();
    let each = functional::five_crop(&normalize.apply(&images).unwrap(), 2.into()).unwrap();
    assert_close("crops", &normalised, &each, 1e-6);
}
