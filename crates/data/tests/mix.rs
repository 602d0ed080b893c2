//! The steps that mix images and labels, against torchvision's and by the distribution of their draws.

// A test has nothing better to do with an error.
#![allow(clippy::unwrap_used)]

use selvedge_data::functional::{self, Region};
use selvedge_data::{Batch, CutMix, Draws, Error, Mix, MixUp};
use selvedge_golden::{Golden, assert_close};
use tch::{Device, Kind, Tensor};

#[test]
fn gives_torchvision_s_images_and_labels() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/augmentations.safetensors"));
    let cases: Vec<_> = golden.cases.iter().filter(|case| case.unit.starts_with("mix.")).collect();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let images = case.tensor("input");
        let shares: Vec<f64> = serde_json::from_value(case.options["shares"].clone()).unwrap();
        let mixed = if case.unit == "mix.MixUp" {
            functional::mix_up(&images, &shares).unwrap()
        } else {
            let regions: Vec<[i64; 4]> = serde_json::from_value(case.options["regions"].clone()).unwrap();
            let region = |[top, left, height, width]: [i64; 4]| Region { top, left, height, width };
            functional::cut_mix(&images, &regions.into_iter().map(region).collect::<Vec<_>>()).unwrap()
        };
        assert_close(&case.name, &mixed, &case.tensor("output"), 1e-6);
        let labels = functional::mix_labels(&case.tensor("labels"), &shares, Some(4)).unwrap();
        assert_close(&case.name, &labels, &case.tensor("probabilities"), 1e-6);
        let onehot = case.tensor("labels").one_hot(4);
        let labels = functional::mix_labels(&onehot, &shares, None).unwrap();
        assert_close(&case.name, &labels, &case.tensor("probabilities"), 1e-6);
    }
}

/// Black and white images by turns, whose label is their colour.
fn batch(count: i64) -> Batch {
    let labels = Tensor::arange(count, (Kind::Int64, Device::Cpu)).remainder(2);
    let images = labels.to_kind(Kind::Float).view([-1, 1, 1, 1]).repeat([1, 1, 10, 10]);
    Batch { images, labels }
}

fn mixes() -> [Box<dyn Mix>; 2] {
    [
        Box::new(MixUp { num_classes: Some(2), ..MixUp::default() }),
        Box::new(CutMix { num_classes: Some(2), ..CutMix::default() }),
    ]
}

#[test]
fn labels_say_what_the_images_show() {
    let indices: Vec<usize> = (0..1000).collect();
    for mix in mixes() {
        let mixed = mix.mix(&batch(1000), &Draws::new(0, 0, &indices)).unwrap();
        let white = mixed.images.mean_dim([1, 2, 3].as_slice(), false, None);
        assert_close("labels", &mixed.labels.select(1, 1), &white, 1e-4);
        assert_close(
            "sum",
            &mixed.labels.sum_dim_intlist([1].as_slice(), false, None),
            &white.ones_like(),
            1e-5,
        );
    }
}

/// The share of an image depends on its number alone.
#[test]
fn shares_do_not_depend_on_the_batch() {
    let share = |mix: &dyn Mix, indices: &[usize]| {
        let mixed = mix.mix(&batch(indices.len() as i64), &Draws::new(4, 5, indices)).unwrap();
        mixed.labels.select(1, 0)
    };
    for mix in mixes() {
        let two = share(&*mix, &[7, 9]);
        let four = share(&*mix, &[7, 9, 11, 13]);
        assert_eq!(two, four.narrow(0, 0, 2));
    }
}

/// A Beta of both concentrations 0.4: mean 1/2, variance 1 / (4 (2α + 1)).
#[test]
fn shares_are_beta() {
    let indices: Vec<usize> = (0..20_000).collect();
    for alpha in [0.2, 0.4, 1.0, 4.0] {
        let mix = MixUp { alpha, num_classes: Some(2) };
        let mixed = mix.mix(&batch(20_000), &Draws::new(0, 0, &indices)).unwrap();
        let shares = mixed.labels.view([-1, 2, 2]).select(1, 0).select(1, 0);
        let variance = 1.0 / (4.0 * (2.0 * alpha + 1.0));
        let mean = shares.mean(None).double_value(&[]);
        assert!((mean - 0.5).abs() < 4.0 * (variance / 10_000_f64).sqrt(), "{alpha}: {mean}");
        let found = shares.var(true).double_value(&[]);
        assert!((found / variance - 1.0).abs() < 0.05, "{alpha}: {found} {variance}");
    }
}

#[test]
fn wrong_options_and_batches_are_refused() {
    let draws = Draws::new(0, 0, &[0, 1]);
    let refused = |mix: &dyn Mix, batch: &Batch| mix.mix(batch, &draws).unwrap_err().to_string();
    let none = refused(&MixUp::default(), &batch(2));
    assert!(none.contains("num_classes: expected a number"), "{none}");
    let few = refused(&CutMix { num_classes: Some(1), ..CutMix::default() }, &batch(2));
    assert!(few.contains("more than 1, the largest label"), "{few}");
    let bytes = Batch { images: batch(2).images.to_kind(Kind::Uint8), labels: batch(2).labels };
    let bytes = refused(&MixUp { num_classes: Some(2), ..MixUp::default() }, &bytes);
    assert!(bytes.contains("floats"), "{bytes}");
    for (mix, field) in [
        (Box::new(MixUp { alpha: 0.0, num_classes: None }) as Box<dyn Mix>, "MixUp.alpha"),
        (Box::new(CutMix { alpha: f64::NAN, num_classes: None }), "CutMix.alpha"),
        (Box::new(CutMix { alpha: 1.0, num_classes: Some(0) }), "CutMix.num_classes"),
    ] {
        assert!(matches!(mix.validate(), Err(Error::Option { option, .. }) if option == field), "{field}");
    }
    let json = r#"{"alpha":0.2,"num_classes":10}"#;
    let mix_up: MixUp = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&mix_up).unwrap(), json);
    assert!(serde_json::from_str::<CutMix>(r#"{"beta": 1}"#).is_err());
}
