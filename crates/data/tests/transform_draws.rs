//! What the random transforms draw: from what, and how it is distributed. The seeds are fixed, so that no
//! bound can fail by chance.

// A test has nothing better to do with an error.
#![allow(clippy::unwrap_used)]

use selvedge_data::functional;
use selvedge_data::{
    Apply, ColorJitter, Draws, GaussianNoise, Interpolation, RandomApply, RandomChoice, RandomCrop,
    RandomErasing, RandomHorizontalFlip, RandomOrder, RandomResizedCrop, RandomRotation, RandomZoomOut,
    Resize, ScaleJitter, Transform,
};
use selvedge_golden::assert_close;
use serde_json::{Value, json};
use tch::{Device, Kind, Tensor};

const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

/// One of each that draws.
fn random_transforms() -> Vec<Value> {
    let invert = json!({"type": "RandomInvert", "p": 1.0});
    let flip = json!({"type": "RandomVerticalFlip", "p": 1.0});
    vec![
        json!({"type": "Compose", "transforms": [{"type": "RandomCrop", "size": 24, "padding": 2}, {"type": "RandomErasing"}]}),
        json!({"type": "RandomApply", "transforms": [invert]}),
        json!({"type": "RandomChoice", "transforms": [invert, flip, {"type": "RandomRotation", "degrees": 20}]}),
        json!({"type": "RandomOrder", "transforms": [
            {"type": "RandomSolarize", "threshold": 0.5}, invert, {"type": "ColorJitter", "brightness": 0.5}]}),
        json!({"type": "RandomCrop", "size": 20}),
        json!({"type": "RandomResizedCrop", "size": 12}),
        json!({"type": "RandomHorizontalFlip"}),
        json!({"type": "RandomVerticalFlip"}),
        json!({"type": "RandomRotation", "degrees": 90, "interpolation": "bilinear"}),
        json!({"type": "RandomAffine", "degrees": 9, "translate": [0.2, 0.3], "scale": [0.5, 2], "shear": [1, 2, 3, 4]}),
        json!({"type": "RandomPerspective"}),
        json!({"type": "ElasticTransform", "sigma": 2.0}),
        json!({"type": "Compose", "transforms": [{"type": "RandomZoomOut"}, {"type": "Resize", "size": [9, 9]}]}),
        json!({"type": "Compose", "transforms": [
            {"type": "ScaleJitter", "target_size": [24, 24], "scale_range": [0.5, 2]},
            {"type": "RandomCrop", "size": 20, "pad_if_needed": true}]}),
        json!({"type": "Compose", "transforms": [
            {"type": "RandomRotation", "degrees": 30, "expand": true}, {"type": "CenterCrop", "size": 30}]}),
        json!({"type": "ColorJitter", "brightness": 0.5, "contrast": 0.5, "saturation": 0.5, "hue": 0.2}),
        json!({"type": "RandomGrayscale", "p": 0.5}),
        json!({"type": "RandomAdjustSharpness", "sharpness_factor": 3}),
        json!({"type": "RandomAutocontrast"}),
        json!({"type": "RandomEqualize"}),
        json!({"type": "RandomInvert"}),
        json!({"type": "RandomPosterize", "bits": 2}),
        json!({"type": "RandomSolarize", "threshold": 0.5}),
        json!({"type": "RandomChannelPermutation"}),
        json!({"type": "GaussianBlur", "kernel_size": 5}),
        json!({"type": "GaussianNoise"}),
        json!({"type": "RandomErasing", "value": "random"}),
        json!({"type": "AutoAugment"}),
        json!({"type": "AutoAugment", "policy": "cifar10"}),
        json!({"type": "AutoAugment", "policy": "svhn"}),
        json!({"type": "RandAugment", "fill": 0.5}),
        json!({"type": "TrivialAugmentWide"}),
        json!({"type": "AugMix"}),
        json!({"type": "AugMix", "chain_depth": 2, "all_ops": false}),
    ]
}

fn parsed(json: &Value) -> Transform {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// The same picture so many times: waves of another length in each channel.
fn pictures(count: i64, kind: Kind) -> Tensor {
    let length = Tensor::from_slice(&[5.0_f32, 7.0, 11.0]).view([1, 3, 1, 1]);
    let places = Tensor::arange(24, FLOAT);
    let waves = (places.view([1, 1, 1, 24]) + places.view([1, 1, 24, 1]) * 2.0) / length;
    let floats = waves.sin() * 0.45 + 0.5;
    let picture = if kind == Kind::Uint8 { (floats * 255.0).to_kind(kind) } else { floats };
    picture.repeat([count, 1, 1, 1])
}

#[test]
fn each_image_has_a_draw_of_its_own_that_its_batch_does_not_change() {
    let indices = [3, 1000, 7, 8, 60_000, 0, 12, 13, 14, 15, 16, 17];
    let mixed = [8, 3, 14, 60_000];
    for json in random_transforms() {
        let transform = parsed(&json);
        for kind in [Kind::Uint8, Kind::Float] {
            let images = pictures(12, kind);
            let made = |images: &Tensor, epoch, indices: &[usize]| {
                let output = transform.apply_with(images, &Draws::new(5, epoch, indices));
                output.unwrap_or_else(|error| panic!("{json}: {error}"))
            };
            let batch = made(&images, 2, &indices);
            assert_eq!((batch.size()[0], batch.kind()), (12, kind), "{json}");
            assert_eq!(batch, made(&images, 2, &indices), "{json}");
            assert_ne!(batch, made(&images, 3, &indices), "{json}: another epoch");
            let first = batch.narrow(0, 0, 1);
            assert!(
                !batch.eq_tensor(&first).all().double_value(&[]).eq(&1.0),
                "{json}: all images are alike"
            );
            let other = made(&images.narrow(0, 0, 4), 2, &mixed);
            let rows = mixed.map(|index| indices.iter().position(|other| *other == index).unwrap() as i64);
            let tolerance = if kind == Kind::Uint8 { 0.0 } else { 1e-6 };
            assert_close(
                &json.to_string(),
                &other,
                &batch.index_select(0, &Tensor::from_slice(&rows)),
                tolerance,
            );
        }
    }
}

#[test]
fn an_empty_batch_stays_empty() {
    for json in random_transforms() {
        let output =
            parsed(&json).apply(&pictures(0, Kind::Float)).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(output.size()[0], 0, "{json}");
    }
}

/// One of each that draws nothing.
fn fixed_transforms() -> Vec<Value> {
    vec![
        json!({"type": "ToTensor"}),
        json!({"type": "ToImage"}),
        json!({"type": "ToDtype", "dtype": "float16", "scale": true}),
        json!({"type": "ConvertImageDtype", "dtype": "float64"}),
        json!({"type": "Resize", "size": [7, 9], "interpolation": "bicubic"}),
        json!({"type": "CenterCrop", "size": [3, 5]}),
        json!({"type": "FiveCrop", "size": 3}),
        json!({"type": "TenCrop", "size": 3, "vertical_flip": true}),
        json!({"type": "Pad", "padding": [1, 2, 3, 4], "padding_mode": "symmetric"}),
        json!({"type": "Grayscale", "num_output_channels": 3}),
        json!({"type": "Normalize", "mean": [0.1, 0.2], "std": [0.3, 0.4]}),
        json!({"type": "LinearTransformation", "transformation_matrix": [[1.5, 0.1], [0.2, 2.5]], "mean_vector": [1, 2]}),
    ]
}

#[test]
fn json_that_is_printed_parses_to_the_same() {
    let mut all = String::new();
    for json in random_transforms().into_iter().chain(fixed_transforms()) {
        let transform = parsed(&json);
        let printed = serde_json::to_string(&transform).unwrap();
        assert_eq!(serde_json::from_str::<Transform>(&printed).unwrap(), transform, "{printed}");
        all += &printed;
    }
    // An unknown word lists the names that a configuration may have.
    let error = serde_json::from_str::<Transform>(r#"{"type": "?"}"#).unwrap_err().to_string();
    for name in error.split('`').skip(3).step_by(2) {
        assert!(all.contains(&format!("{{\"type\":\"{name}\"")), "{name} is not among them");
    }
}

/// Steps that follow each other do not draw alike, and neither do nested ones.
#[test]
fn steps_draw_apart() {
    let flips = json!({"type": "RandomHorizontalFlip"});
    for chain in [
        json!({"type": "Compose", "transforms": [flips, flips]}),
        json!({"type": "Compose", "transforms": [flips, {"type": "Compose", "transforms": [flips]}]}),
        json!({"type": "Compose", "transforms": [
            {"type": "RandomApply", "p": 1.0, "transforms": [flips]},
            {"type": "RandomApply", "p": 1.0, "transforms": [flips]}]}),
    ] {
        let edges = Tensor::from_slice(&[0_f32, 1.0]).view([1, 1, 1, 2]).repeat([4000, 1, 1, 1]);
        // Twice the same draw would leave every image as it was.
        let flipped = parsed(&chain).apply(&edges).unwrap().narrow(3, 0, 1).mean(None).double_value(&[]);
        assert!((flipped - 0.5).abs() < 4.0 * 0.5 / 4000_f64.sqrt(), "{chain}: {flipped}");
    }
}

/// Chi-square of counts that should be equal, over the degrees of freedom: about 1, and the more the worse.
fn unevenness(counts: &[usize]) -> f64 {
    let mean = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
    let sum: f64 = counts.iter().map(|&count| (count as f64 - mean).powi(2) / mean).sum();
    sum / (counts.len() - 1) as f64
}

/// How often each whole number below `end` is there.
fn counts(values: &Tensor, end: usize) -> Vec<usize> {
    let mut counts = vec![0; end];
    for value in Vec::<f64>::try_from(values.to_kind(Kind::Double).flatten(0, -1)).unwrap() {
        counts[value.round() as usize] += 1;
    }
    counts
}

/// So many values from 0 to 1 in ten bins.
fn bins(values: &[f64]) -> Vec<usize> {
    let mut counts = vec![0; 10];
    values.iter().for_each(|value| counts[((value * 10.0) as usize).min(9)] += 1);
    counts
}

#[test]
fn flips_as_often_as_told() {
    for p in [0.0, 0.2, 0.5, 1.0] {
        let edges = Tensor::from_slice(&[0_f32, 1.0]).view([1, 1, 1, 2]).repeat([10_000, 1, 1, 1]);
        let flipped =
            RandomHorizontalFlip { p }.apply(&edges).unwrap().narrow(3, 0, 1).mean(None).double_value(&[]);
        assert!((flipped - p).abs() <= 4.0 * (p * (1.0 - p) / 10_000.0).sqrt(), "{p}: {flipped}");
    }
}

/// Every place is as likely as the others, the last among them.
#[test]
fn crops_everywhere() {
    let places = Tensor::arange(8 * 9, FLOAT).view([1, 1, 8, 9]).repeat([12_000, 1, 1, 1]);
    let crops = RandomCrop::new([5, 7]).apply(&places).unwrap();
    let seen = counts(&crops.narrow(2, 0, 1).narrow(3, 0, 1), 72);
    let possible: Vec<usize> = (0..72).filter(|place| place / 9 <= 3 && place % 9 <= 2).collect();
    let seen_there: Vec<usize> = possible.iter().map(|&place| seen[place]).collect();
    assert_eq!(seen_there.iter().sum::<usize>(), 12_000);
    assert!(unevenness(&seen_there) < 2.5, "{seen_there:?}");
}

/// The same window, whether cut by the transform or by hand out of the padded image.
#[test]
fn crops_what_the_functional_form_crops() {
    let indices: Vec<usize> = (0..50).collect();
    let images = Tensor::rand([50, 2, 6, 7], FLOAT);
    let crop = RandomCrop { padding: Some(2.into()), fill: 5.0.into(), ..RandomCrop::new([6, 7]) };
    let found = crop.apply_with(&images, &Draws::new(1, 2, &indices)).unwrap();
    let padded = functional::pad(&images, 2.into(), &5.0.into(), Default::default()).unwrap();
    for row in 0..50 {
        let found = found.narrow(0, row, 1);
        let windows = (0..25).filter(|place| {
            let window =
                functional::crop(&padded.narrow(0, row, 1), &[[place / 5, place % 5]], [6, 7].into())
                    .unwrap();
            window == found
        });
        assert_eq!(windows.count(), 1);
    }
}

#[test]
fn erases_shares_of_the_scale_and_shapes_of_the_ratio() {
    let erasing = RandomErasing { p: 0.7, scale: [0.1, 0.3], ratio: [0.5, 2.0], ..RandomErasing::default() };
    let erased = erasing.apply(&Tensor::ones([3000, 1, 80, 80], FLOAT)).unwrap().eq(0.0);
    let rows = erased.any_dim(3, false).sum_dim_intlist([2].as_slice(), false, Kind::Double);
    let columns = erased.any_dim(2, false).sum_dim_intlist([2].as_slice(), false, Kind::Double);
    let all = erased.sum_dim_intlist([1, 2, 3].as_slice(), false, Kind::Double);
    let [rows, columns, all] =
        [rows, columns, all].map(|sizes| Vec::<f64>::try_from(sizes.view(-1)).unwrap());
    let mut shares = Vec::new();
    for ((height, width), area) in rows.into_iter().zip(columns).zip(all) {
        // One rectangle, or none.
        assert_eq!(height * width, area);
        if area > 0.0 {
            shares.push((area / 6400.0 - 0.1) / 0.2);
            // Each side is rounded to whole pixels.
            assert!((0.45..2.2).contains(&(height / width)), "{height} by {width}");
        }
    }
    let erased = shares.len() as f64 / 3000.0;
    assert!((erased - 0.7).abs() < 4.0 * (0.21_f64 / 3000.0).sqrt(), "{erased}");
    assert!(shares.iter().all(|share| (-0.1..1.1).contains(share)));
    let clamped: Vec<f64> = shares.iter().map(|share| share.clamp(0.0, 1.0)).collect();
    assert!(unevenness(&bins(&clamped)) < 3.0, "{:?}", bins(&clamped));
}

/// A ramp shows the angle that an image was turned by.
#[test]
fn turns_by_angles_of_the_range() {
    let ramp = Tensor::arange(21, FLOAT).view([1, 1, 1, 21]).repeat([3000, 1, 21, 1]);
    let rotation = RandomRotation { interpolation: Interpolation::Bilinear, ..RandomRotation::new(40.0) };
    let turned = rotation.apply(&ramp).unwrap();
    let step = |dimension: i64, first: i64| {
        let middle = turned.narrow(5 - dimension, 10, 1);
        let difference = middle.narrow(dimension, first + 1, 1) - middle.narrow(dimension, first, 1);
        Vec::<f64>::try_from(difference.to_kind(Kind::Double).reshape([-1])).unwrap()
    };
    let angles: Vec<f64> = step(3, 10)
        .into_iter()
        .zip(step(2, 10))
        .map(|(across, down)| (-down).atan2(across).to_degrees())
        .collect();
    let shares: Vec<f64> = angles.iter().map(|angle| (angle + 40.0) / 80.0).collect();
    assert!(shares.iter().all(|share| (-1e-4..1.0001).contains(share)));
    assert!(unevenness(&bins(&shares)) < 2.5, "{:?}", bins(&shares));
    let by_hand =
        functional::rotate(&ramp, &angles, Interpolation::Bilinear, false, None, rotation.fill.as_ref());
    assert!((turned - by_hand.unwrap()).abs().max().double_value(&[]) < 0.02);
}

/// The brightness of an even image shows the factor.
#[test]
fn jitters_by_factors_of_the_range() {
    let even = Tensor::full([5000, 1, 1, 1], 0.25, FLOAT);
    let jitter = ColorJitter { brightness: Some([0.5, 1.5]), ..ColorJitter::default() };
    let factors =
        Vec::<f64>::try_from((jitter.apply(&even).unwrap() * 4.0).view(-1).to_kind(Kind::Double)).unwrap();
    let shares: Vec<f64> = factors.iter().map(|factor| factor - 0.5).collect();
    assert!(shares.iter().all(|share| (-1e-6..=1.0).contains(share)));
    assert!(unevenness(&bins(&shares)) < 2.5, "{:?}", bins(&shares));
}

#[test]
fn noise_is_normal() {
    let noise = GaussianNoise { mean: 0.5, sigma: 2.0, clip: false };
    let noisy = noise.apply(&Tensor::zeros([100, 1, 40, 25], FLOAT)).unwrap();
    let (mean, deviation) = (noisy.mean(None).double_value(&[]), noisy.std(true).double_value(&[]));
    assert!((mean - 0.5).abs() < 4.0 * 2.0 / 1e5_f64.sqrt(), "{mean}");
    assert!((deviation - 2.0).abs() < 0.02, "{deviation}");
    let beyond = (noisy - 0.5).abs().gt(2.0 * 1.96).to_kind(Kind::Double).mean(None).double_value(&[]);
    assert!((beyond - 0.05).abs() < 0.003, "{beyond}");
}

#[test]
fn chooses_by_weight_and_orders_evenly() {
    let fill =
        |value: f64| Transform::from(selvedge_data::Lambda::new(move |images| Ok(images * 3.0 + value)));
    let zeros = Tensor::zeros([9000, 1, 1, 1], FLOAT);
    let choice =
        RandomChoice { p: Some(vec![1.0, 3.0, 5.0]), ..RandomChoice::new([fill(0.0), fill(1.0), fill(2.0)]) };
    let seen = counts(&choice.apply(&zeros).unwrap(), 3);
    for (seen, expected) in seen.iter().zip([1000.0, 3000.0, 5000.0]) {
        assert!((*seen as f64 - expected).abs() < 4.0 * 50.0, "{seen:?} {expected}");
    }
    // Digits to the base 3 tell the orders apart.
    let order = RandomOrder::new([fill(0.0), fill(1.0), fill(2.0)]);
    let seen: Vec<usize> =
        counts(&order.apply(&zeros).unwrap(), 27).into_iter().filter(|&count| count > 0).collect();
    assert_eq!(seen.len(), 6);
    assert!(unevenness(&seen) < 2.5, "{seen:?}");
    let sometimes = RandomApply { p: 0.25, ..RandomApply::new([fill(1.0)]) };
    let applied = sometimes.apply(&zeros).unwrap().mean(None).double_value(&[]);
    assert!((applied - 0.25).abs() < 4.0 * (0.1875_f64 / 9000.0).sqrt(), "{applied}");
}

#[test]
fn resized_crops_are_as_large_as_the_scale_says() {
    // Ramps from 0 to 1 show where the first and last pixel of a crop lie.
    let ramp = (Tensor::arange(64, FLOAT) + 0.5) / 64.0;
    let ramps = Tensor::stack(&[ramp.view([1, 64]).repeat([64, 1]), ramp.view([64, 1]).repeat([1, 64])], 0);
    let crop = RandomResizedCrop { scale: [0.2, 0.6], antialias: false, ..RandomResizedCrop::new(2) };
    let crops = crop.apply(&ramps.unsqueeze(0).repeat([2000, 1, 1, 1])).unwrap();
    // The middles of the two halves of a crop are half of it apart.
    let side = |channel: i64, dimension: i64| {
        let ramp = crops.narrow(1, channel, 1).mean_dim([5 - dimension].as_slice(), true, None);
        (ramp.narrow(dimension, 1, 1) - ramp.narrow(dimension, 0, 1)).view(-1) * 2.0
    };
    let (width, height) = (side(0, 3), side(1, 2));
    let shares = Vec::<f64>::try_from((&width * &height).to_kind(Kind::Double)).unwrap();
    let ratios = Vec::<f64>::try_from((&width / &height).to_kind(Kind::Double)).unwrap();
    assert!(shares.iter().all(|share| (0.17..0.65).contains(share)), "{shares:?}");
    assert!(ratios.iter().all(|ratio| (0.7..1.43).contains(ratio)), "{ratios:?}");
    let mean = shares.iter().sum::<f64>() / 2000.0;
    assert!((mean - 0.4).abs() < 0.02, "{mean}");
}

/// Images that grow or shrink to sizes of their own.
#[test]
fn sizes_lie_within_the_range() {
    let image = Tensor::ones([1, 1, 10, 20], FLOAT);
    for index in 0..200 {
        let indices = [index];
        let draws = Draws::new(0, 0, &indices);
        let size =
            RandomZoomOut { p: 1.0, ..RandomZoomOut::default() }.apply_with(&image, &draws).unwrap().size();
        assert!((10..40).contains(&size[2]) && (20..80).contains(&size[3]), "{size:?}");
        assert!((size[3] - 2 * size[2]).abs() <= 1, "{size:?}");
        let size = ScaleJitter::new(40).apply_with(&image, &draws).unwrap().size();
        assert!((2..40).contains(&size[2]) && (4..80).contains(&size[3]), "{size:?}");
    }
    let chain = json!({"type": "Compose", "transforms": [{"type": "RandomZoomOut"}, Transform::from(Resize::new([8, 8]))]});
    assert_eq!(parsed(&chain).apply(&image.repeat([5, 1, 1, 1])).unwrap().size(), [5, 1, 8, 8]);
}
