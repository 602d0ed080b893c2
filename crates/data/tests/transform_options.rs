//! The options of the transforms: how they are written, and what they can not be.

// A test has nothing better to do with an error.
#![allow(clippy::unwrap_used)]

use selvedge_data::{Apply, Compose, Error, Lambda, Loader, LoaderOptions, Transform};
use selvedge_data::{ImageBytes, Shape};
use serde_json::{Value, json};
use tch::{Kind, Tensor};

fn parsed(json: Value) -> Transform {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{json}: {error}"))
}

#[test]
fn a_wrong_word_is_named() {
    for (json, part) in [
        (r#"{"type": "Normalise", "mean": [0.5], "std": [0.5]}"#, "unknown variant `Normalise`"),
        (r#"{"type": "Normalize", "mean": [0.5]}"#, "missing field `std`"),
        (r#"{"type": "Normalize", "mean": [0.5], "std": [0.5], "var": 1}"#, "unknown field `var`"),
        (r#"{"type": "ToTensor", "scale": true}"#, "unit struct ToTensor"),
        (r#"{"type": "RandomCrop"}"#, "missing field `size`"),
        (r#"{"type": "Resize"}"#, "missing field `size`"),
        (r#"{"type": "RandomCrop", "size": 28, "paddding": 4}"#, "unknown field `paddding`"),
        (r#"{"type": "RandomCrop", "size": 28, "padding": [1, 2, 3]}"#, "a list of 1, 2 or 4"),
        (r#"{"type": "RandomCrop", "size": [1, 2, 3]}"#, "a list of 1 or 2"),
        (r#"{"type": "Pad", "padding": 1, "padding_mode": "wrap"}"#, "unknown variant `wrap`"),
        (r#"{"type": "RandomErasing", "value": "noise"}"#, "a list of numbers or \"random\""),
        (r#"{"type": "RandomRotation", "degrees": "many"}"#, "expected a number or a list of two"),
        (r#"{"type": "ToDtype", "dtype": "int7"}"#, "unknown variant `int7`"),
        (r#"{"type": "Lambda"}"#, "unknown variant `Lambda`"),
    ] {
        match serde_json::from_str::<Transform>(json) {
            Err(error) => assert!(error.to_string().contains(part), "{json}: {error}"),
            Ok(transform) => panic!("{json} gave {transform:?}"),
        }
    }
}

/// The short ways of torchvision, and what they stand for.
#[test]
fn options_may_be_written_short() {
    for (short, long) in [
        (
            json!({"type": "RandomCrop", "size": 28, "padding": 4}),
            json!({"type": "RandomCrop", "size": [28, 28], "padding": [4, 4, 4, 4], "pad_if_needed": false,
                "fill": 0.0, "padding_mode": "constant"}),
        ),
        (
            json!({"type": "RandomRotation", "degrees": 10}),
            json!({"type": "RandomRotation", "degrees": [-10.0, 10.0], "interpolation": "nearest",
                "expand": false, "center": null, "fill": 0.0}),
        ),
        (
            json!({"type": "ColorJitter", "brightness": 0.5, "contrast": 2}),
            json!({"type": "ColorJitter", "brightness": [0.5, 1.5], "contrast": [0.0, 3.0],
                "saturation": null, "hue": null}),
        ),
        (
            json!({"type": "GaussianBlur", "kernel_size": 3}),
            json!({"type": "GaussianBlur", "kernel_size": [3, 3], "sigma": [0.1, 2.0]}),
        ),
        (
            json!({"type": "RandomErasing"}),
            json!({"type": "RandomErasing", "p": 0.5, "scale": [0.02, 0.33], "ratio": [0.3, 3.3], "value": 0.0}),
        ),
        (
            json!({"type": "Resize", "size": 7}),
            json!({"type": "Resize", "size": 7, "interpolation": "bilinear", "max_size": null, "antialias": true}),
        ),
    ] {
        let transform = parsed(short);
        assert_eq!(serde_json::to_value(&transform).unwrap(), long);
        assert_eq!(parsed(long), transform);
    }
}

/// What each option can not be, by the field that the error names.
#[test]
fn a_wrong_value_is_named() {
    let flip = json!({"type": "RandomHorizontalFlip"});
    for (json, field) in [
        (json!({"type": "RandomHorizontalFlip", "p": 1.5}), "RandomHorizontalFlip.p"),
        (json!({"type": "RandomVerticalFlip", "p": -0.1}), "RandomVerticalFlip.p"),
        (json!({"type": "RandomInvert", "p": 2}), "RandomInvert.p"),
        (json!({"type": "RandomApply", "transforms": []}), "RandomApply.transforms"),
        (json!({"type": "RandomApply", "transforms": [flip], "p": 7}), "RandomApply.p"),
        (json!({"type": "RandomChoice", "transforms": [flip], "p": [1, 2]}), "RandomChoice.p"),
        (json!({"type": "RandomChoice", "transforms": [flip], "p": [0]}), "RandomChoice.p (their sum)"),
        (json!({"type": "RandomOrder", "transforms": []}), "RandomOrder.transforms"),
        (json!({"type": "Pad", "padding": -1}), "Pad.padding"),
        (json!({"type": "CenterCrop", "size": 0}), "CenterCrop.size"),
        (json!({"type": "FiveCrop", "size": [2, -2]}), "FiveCrop.size"),
        (json!({"type": "TenCrop", "size": -2}), "TenCrop.size"),
        (json!({"type": "RandomCrop", "size": -3}), "RandomCrop.size"),
        (json!({"type": "RandomCrop", "size": 3, "padding": [0, -1]}), "RandomCrop.padding"),
        (json!({"type": "Resize", "size": 0}), "Resize.size"),
        (json!({"type": "Resize", "size": null}), "Resize.max_size"),
        (json!({"type": "Resize", "size": 9, "max_size": 9}), "Resize.max_size"),
        (json!({"type": "Resize", "size": [9, 9], "max_size": 10}), "Resize.max_size"),
        (json!({"type": "RandomResizedCrop", "size": 9, "scale": [0.5, 1.5]}), "RandomResizedCrop.scale"),
        (json!({"type": "RandomResizedCrop", "size": 9, "ratio": [2, 1]}), "RandomResizedCrop.ratio"),
        (json!({"type": "RandomRotation", "degrees": -5}), "RandomRotation.degrees"),
        (
            json!({"type": "RandomRotation", "degrees": 5, "interpolation": "bicubic"}),
            "RandomRotation.interpolation",
        ),
        (json!({"type": "RandomAffine", "degrees": 5, "translate": [0.1, 1.1]}), "RandomAffine.translate"),
        (json!({"type": "RandomAffine", "degrees": 5, "scale": [0, 1]}), "RandomAffine.scale"),
        (json!({"type": "RandomAffine", "degrees": 5, "shear": [3, 1]}), "RandomAffine.shear"),
        (json!({"type": "RandomPerspective", "distortion_scale": 1.1}), "RandomPerspective.distortion_scale"),
        (json!({"type": "ElasticTransform", "sigma": [0, 5]}), "ElasticTransform.sigma"),
        (json!({"type": "RandomZoomOut", "side_range": [0.5, 2]}), "RandomZoomOut.side_range"),
        (json!({"type": "ScaleJitter", "target_size": 9, "scale_range": [0, 2]}), "ScaleJitter.scale_range"),
        (json!({"type": "Grayscale", "num_output_channels": 2}), "Grayscale.num_output_channels"),
        (json!({"type": "ColorJitter", "brightness": [-0.1, 1]}), "ColorJitter.brightness"),
        (json!({"type": "ColorJitter", "hue": 0.6}), "ColorJitter.hue"),
        (json!({"type": "RandomPosterize", "bits": 9}), "RandomPosterize.bits"),
        (json!({"type": "RandomSolarize", "threshold": 256}), "RandomSolarize.threshold"),
        (
            json!({"type": "RandomAdjustSharpness", "sharpness_factor": -1}),
            "RandomAdjustSharpness.sharpness_factor",
        ),
        (json!({"type": "GaussianBlur", "kernel_size": 4}), "GaussianBlur.kernel_size"),
        (json!({"type": "GaussianBlur", "kernel_size": 3, "sigma": 0}), "GaussianBlur.sigma"),
        (json!({"type": "GaussianNoise", "sigma": -1}), "GaussianNoise.sigma"),
        (json!({"type": "RandAugment", "magnitude": 31}), "RandAugment.num_magnitude_bins"),
        (
            json!({"type": "TrivialAugmentWide", "num_magnitude_bins": 1}),
            "TrivialAugmentWide.num_magnitude_bins",
        ),
        (json!({"type": "AugMix", "severity": 11}), "AugMix.severity"),
        (json!({"type": "AugMix", "alpha": 0}), "AugMix.alpha"),
        (json!({"type": "AutoAugment", "interpolation": "bicubic"}), "AutoAugment.interpolation"),
        (json!({"type": "RandomErasing", "scale": [0.1, 1.1]}), "RandomErasing.scale"),
        (
            json!({"type": "LinearTransformation", "transformation_matrix": [[1]], "mean_vector": [1, 2]}),
            "LinearTransformation.transformation_matrix",
        ),
        (json!({"type": "Normalize", "mean": [0.5], "std": [0]}), "Normalize.std"),
    ] {
        // Deep inside of a chain as well.
        for json in [
            json.clone(),
            json!({"type": "RandomOrder", "transforms": [{"type": "Compose", "transforms": [json]}]}),
        ] {
            match parsed(json.clone()).validate() {
                Err(Error::Option { option, .. }) => assert_eq!(option, field, "{json}"),
                other => panic!("{json}: {other:?}"),
            }
        }
        let images = Tensor::zeros([2, 3, 8, 8], (Kind::Float, tch::Device::Cpu));
        assert!(parsed(json.clone()).apply(&images).is_err(), "{json}");
    }
}

/// What only the images show to be wrong.
#[test]
fn images_that_do_not_fit_are_refused() {
    let images = Tensor::zeros([2, 2, 8, 8], (Kind::Uint8, tch::Device::Cpu));
    for (json, part) in [
        (json!({"type": "RandomCrop", "size": 9}), "RandomCrop.size: expected at most the images' 8 by 8"),
        (json!({"type": "FiveCrop", "size": 9}), "at most the images' 8 by 8, found [9, 9]"),
        (json!({"type": "Pad", "padding": 8, "padding_mode": "reflect"}), "at most 7"),
        (json!({"type": "Pad", "padding": 9, "padding_mode": "symmetric"}), "at most 8"),
        (json!({"type": "Pad", "padding": 1, "fill": [1, 2, 3]}), "1 or 2 values, found 3"),
        (json!({"type": "RandomErasing", "value": [1, 2, 3]}), "RandomErasing.value: expected 1 or 2 values"),
        (json!({"type": "ColorJitter", "hue": 0.1}), "images of 1 or 3 channels"),
        (json!({"type": "Grayscale"}), "images of 1 or 3 channels"),
        (json!({"type": "GaussianBlur", "kernel_size": 17}), "less than twice the images' 8 by 8"),
        (json!({"type": "ElasticTransform"}), "ElasticTransform.sigma"),
        (json!({"type": "Normalize", "mean": [0.5], "std": [0.5]}), "ToTensor comes first"),
        (
            json!({"type": "LinearTransformation", "transformation_matrix": [[1]], "mean_vector": [1]}),
            "floats, 1 for each image",
        ),
        (json!({"type": "RandomZoomOut", "p": 1}), "the images of a batch, after a random step"),
    ] {
        let error = parsed(json.clone()).apply(&images).unwrap_err().to_string();
        assert!(error.contains(part), "{json}: {error}");
    }
    let white = json!({"type": "RandomSolarize", "threshold": 2, "p": 1});
    let floats = images.to_kind(Kind::Float);
    assert!(parsed(white).apply(&floats).unwrap_err().to_string().contains("at most 1, white"));
    let flat = Tensor::zeros([8, 8], (Kind::Float, tch::Device::Cpu));
    let error = parsed(json!({"type": "RandomHorizontalFlip"})).apply(&flat).unwrap_err().to_string();
    assert!(error.contains("[N, C, H, W]") && error.contains("[8, 8]"), "{error}");
}

/// Each step that moves places, with what it fills in as grey as the image: the image stays grey, or is refused.
#[test]
fn geometric_steps_of_the_smallest_images() {
    let grey = 0.5;
    let steps = [
        json!({"type": "RandomPerspective", "p": 1, "fill": grey}),
        json!({"type": "RandomPerspective", "p": 1, "distortion_scale": 1, "fill": grey}),
        json!({"type": "RandomPerspective", "p": 1, "distortion_scale": 1, "fill": grey, "interpolation": "nearest"}),
        json!({"type": "RandomAffine", "degrees": 180, "translate": [1, 1], "scale": [0.1, 9], "shear": [-80, 80], "fill": grey}),
        json!({"type": "RandomAffine", "degrees": 9, "scale": [1e-300, 1e-300], "interpolation": "bilinear", "fill": grey}),
        json!({"type": "RandomAffine", "degrees": 0, "shear": [90, 90], "interpolation": "bilinear", "fill": grey}),
        json!({"type": "RandomRotation", "degrees": 180, "interpolation": "bilinear", "fill": grey}),
        json!({"type": "RandomRotation", "degrees": [90, 90], "fill": grey}),
        json!({"type": "RandomRotation", "degrees": [30, 30], "expand": true, "fill": grey}),
        json!({"type": "ElasticTransform", "sigma": 0, "fill": grey}),
        json!({"type": "ElasticTransform", "fill": grey}),
        json!({"type": "ElasticTransform", "alpha": 1e300, "sigma": 0, "fill": grey}),
        json!({"type": "GaussianBlur", "kernel_size": 3}),
        json!({"type": "RandomCrop", "size": 1}),
        json!({"type": "RandomCrop", "size": 3, "pad_if_needed": true, "fill": grey}),
        json!({"type": "CenterCrop", "size": 1}),
        json!({"type": "RandomResizedCrop", "size": 4}),
        json!({"type": "RandomResizedCrop", "size": 1, "interpolation": "nearest"}),
        json!({"type": "Resize", "size": [5, 7], "interpolation": "bicubic"}),
        json!({"type": "Resize", "size": 3}),
        json!({"type": "Resize", "size": 1, "antialias": false}),
        json!({"type": "ScaleJitter", "target_size": [3, 3], "scale_range": [0.1, 2]}),
        json!({"type": "RandomZoomOut", "p": 1, "fill": grey}),
        json!({"type": "Pad", "padding": 1, "padding_mode": "reflect"}),
        json!({"type": "Pad", "padding": 1, "padding_mode": "symmetric"}),
        json!({"type": "Pad", "padding": 2, "padding_mode": "edge"}),
        json!({"type": "FiveCrop", "size": 1}),
        json!({"type": "RandomErasing", "p": 1, "value": grey}),
    ];
    for (height, width) in [(1, 1), (1, 6), (6, 1), (2, 2), (2, 7)] {
        let image = Tensor::full([1, 1, height, width], grey, (Kind::Float, tch::Device::Cpu));
        for json in &steps {
            let step = parsed(json.clone());
            for index in 0..40 {
                match step.apply_with(&image, &selvedge_data::Draws::new(5, 0, &[index])) {
                    Ok(found) => {
                        // Where the image ends within a pixel, by a share s, torchvision's value is grey · (s² + 1 - s).
                        let (least, most) = (found.min().double_value(&[]), found.max().double_value(&[]));
                        assert!(
                            least > 0.374 && most < 0.501 && !bool::try_from(found.isnan().any()).unwrap(),
                            "{json} of {height} by {width}: {found}"
                        );
                    }
                    Err(error) => {
                        assert!(
                            matches!(error, Error::Shape { .. } | Error::Option { .. }),
                            "{json}: {error}"
                        );
                    }
                }
            }
        }
        let perspective = parsed(json!({"type": "RandomPerspective", "p": 1})).apply(&image);
        if height.min(width) > 1 {
            drop(perspective.unwrap());
        } else {
            let error = perspective.unwrap_err().to_string();
            assert!(error.contains("at least 2 pixels wide and high"), "{error}");
        }
    }
}

#[test]
fn corners_without_a_perspective_are_refused() {
    let square = [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0]];
    let line = [[0.0, 0.0], [4.0, 4.0], [9.0, 9.0], [0.0, 9.0]];
    let point = [[3.0, 3.0]; 4];
    for end in [line, point] {
        let error = selvedge_data::functional::perspective_coefficients(square, end).unwrap_err().to_string();
        assert!(error.contains("no three lie on a line"), "{error}");
    }
    let same = selvedge_data::functional::perspective_coefficients(square, square).unwrap();
    for (found, expected) in same.into_iter().zip([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]) {
        assert!((found - expected).abs() < 1e-6_f64, "{same:?}");
    }
}

/// Steps that take floats from 0 to 1 stand before the normalisation.
#[test]
fn a_colour_step_behind_a_normalisation_is_refused() {
    let normalize = json!({"type": "Normalize", "mean": [0.286], "std": [0.353]});
    let chain = |steps: Vec<Value>| parsed(json!({"type": "Compose", "transforms": steps})).validate();
    let colours = [
        json!({"type": "ColorJitter", "brightness": 0.5}),
        json!({"type": "RandomInvert"}),
        json!({"type": "RandomAutocontrast"}),
        json!({"type": "RandomEqualize"}),
        json!({"type": "RandomPosterize", "bits": 3}),
        json!({"type": "RandomSolarize", "threshold": 0.5}),
        json!({"type": "RandomAdjustSharpness", "sharpness_factor": 2}),
        json!({"type": "AutoAugment"}),
        json!({"type": "RandAugment"}),
        json!({"type": "TrivialAugmentWide"}),
        json!({"type": "AugMix"}),
        json!({"type": "GaussianNoise"}),
        json!({"type": "ToDtype", "dtype": "uint8", "scale": true}),
        json!({"type": "ConvertImageDtype", "dtype": "uint8"}),
    ];
    for colour in &colours {
        let name = colour["type"].as_str().unwrap();
        let expected = format!(
            "Compose.transforms: expected {name} before Normalize, since it takes floats from 0 to 1, found \
             Normalize before it, which makes them -0.81 to 2.02; move Normalize behind {name}"
        );
        let flip = json!({"type": "RandomHorizontalFlip"});
        let within = |kind: &str, steps: Value| json!({"type": kind, "transforms": steps});
        for steps in [
            vec![normalize.clone(), colour.clone()],
            vec![json!({"type": "ToTensor"}), normalize.clone(), flip.clone(), colour.clone()],
            vec![within("Compose", json!([normalize])), within("RandomApply", json!([flip, colour]))],
            vec![normalize.clone(), within("RandomChoice", json!([flip, colour]))],
            vec![normalize.clone(), within("RandomOrder", json!([colour]))],
            vec![within("RandomOrder", json!([colour, normalize]))],
        ] {
            let error = chain(steps.clone()).unwrap_err().to_string();
            assert_eq!(error, expected, "{steps:?}");
        }
        chain(vec![json!({"type": "ToTensor"}), colour.clone(), normalize.clone()]).unwrap();
    }
    let invert = json!({"type": "RandomInvert"});
    // What stays within 0 to 1, what is undone, and what is not known.
    let stays = json!({"type": "Normalize", "mean": [0.0, -0.5], "std": [1.0, 2.0]});
    let undone = json!({"type": "Normalize", "mean": [-0.286 / 0.353], "std": [1.0 / 0.353]});
    chain(vec![stays, invert.clone()]).unwrap();
    chain(vec![normalize.clone(), undone, invert.clone()]).unwrap();
    let perhaps = json!({"type": "RandomApply", "transforms": [normalize]});
    chain(vec![perhaps, invert.clone()]).unwrap();
    chain(vec![
        normalize.clone(),
        json!({"type": "RandomRotation", "degrees": 5}),
        json!({"type": "RandomErasing"}),
    ])
    .unwrap();
    chain(vec![normalize, json!({"type": "GaussianNoise", "clip": false})]).unwrap();
}

/// The value as it was written, and limits that can be read.
#[test]
fn a_wrong_number_is_shown_as_it_was_written() {
    for (json, expected) in [
        (
            json!({"type": "RandomSolarize", "threshold": 256}),
            "RandomSolarize.threshold: expected at most 255, found 256",
        ),
        (
            json!({"type": "ColorJitter", "brightness": -1}),
            "ColorJitter.brightness: expected numbers that are not negative, found -1",
        ),
        (
            json!({"type": "ColorJitter", "contrast": -3}),
            "ColorJitter.contrast: expected numbers that are not negative, found -3",
        ),
        (
            json!({"type": "ColorJitter", "hue": -0.1}),
            "ColorJitter.hue: expected a number that is not negative, or two with the smaller first, found -0.1 or [0.1, -0.1]",
        ),
        (
            json!({"type": "RandomRotation", "degrees": -5}),
            "RandomRotation.degrees: expected a number that is not negative, or two with the smaller first, found -5 or [5, -5]",
        ),
        (
            json!({"type": "ColorJitter", "saturation": [2, 1]}),
            "ColorJitter.saturation: expected the smaller number first, found [2, 1]",
        ),
        (
            json!({"type": "GaussianNoise", "sigma": -1e300}),
            "GaussianNoise.sigma: expected numbers that are not negative, found -1e300",
        ),
    ] {
        assert_eq!(parsed(json).validate().unwrap_err().to_string(), expected);
    }
    let jitter = selvedge_data::ColorJitter::new(-1.0, 0.0, 0.0, 0.0).validate().unwrap_err().to_string();
    assert!(jitter.ends_with("found -1"), "{jitter}");
}

/// What torchvision takes and we do not, or the other way round.
#[test]
fn differences_from_torchvision() {
    // torchvision makes three channels of a grey image.
    let grey = Tensor::zeros([2, 1, 3, 3], (Kind::Float, tch::Device::Cpu));
    let normalize = json!({"type": "Normalize", "mean": [0.1, 0.2, 0.3], "std": [1.0, 1.0, 1.0]});
    let error = parsed(normalize.clone()).apply(&grey).unwrap_err().to_string();
    assert!(error.contains("Normalize.mean: expected 1 or 1 values, found 3"), "{error}");
    let three = json!({"type": "Grayscale", "num_output_channels": 3});
    let chain = parsed(json!({"type": "Compose", "transforms": [three, normalize]}));
    assert_eq!(chain.apply(&grey).unwrap().size(), [2, 3, 3, 3]);
    // As torchvision.
    let padded = parsed(json!({"type": "Pad", "padding": 1, "fill": null}));
    assert_eq!(padded, parsed(json!({"type": "Pad", "padding": 1})));
    for dtype in ["int16", "int32", "int64", "bool", "uint16", "complex64"] {
        let error =
            serde_json::from_value::<Transform>(json!({"type": "ToDtype", "dtype": dtype})).unwrap_err();
        let expected = format!("unknown variant `{dtype}`, expected one of `uint8`, `float16`, `bfloat16`");
        assert!(error.to_string().contains(&expected), "{error}");
    }
}

#[test]
fn the_loader_refuses_wrong_options_before_it_starts() {
    let images = ImageBytes::new(Shape::new(1, 2, 2), vec![0; 4], vec![7], vec![]).unwrap();
    let transform = Compose::new([parsed(json!({"type": "RandomInvert", "p": 2}))]);
    let options = LoaderOptions { transform, ..LoaderOptions::default() };
    let error = Loader::new(images, options).err().unwrap();
    assert!(matches!(error, Error::Option { option: "RandomInvert.p", .. }), "{error}");
}

#[test]
fn a_lambda_works_in_a_chain_and_has_no_json() {
    let doubled = Lambda::new(|images| Ok(images * 2));
    let chain = Compose::new([doubled.clone().into()]);
    let images = Tensor::from_slice(&[1.0_f32, 2.0]).view([1, 1, 1, 2]);
    assert_eq!(chain.apply(&images).unwrap(), &images * 2);
    assert_eq!(doubled, doubled.clone());
    assert_ne!(doubled, Lambda::new(|images| Ok(images * 2)));
    assert!(serde_json::to_string(&chain).unwrap_err().to_string().contains("Lambda"));
    let failing = Lambda::new(|_| Err(Error::other("no such luck")));
    assert_eq!(failing.apply(&images).unwrap_err().to_string(), "no such luck");
}
