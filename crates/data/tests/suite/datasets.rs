//! Datasets made of others: subsets, concatenations, splits; counts of their classes; tensors.

use std::sync::Arc;

use proptest::prelude::*;
use selvedge_data::{
    Concat, Dataset, ImageBytes, Parts, Shape, Subset, TensorDataset, balanced_class_weights, random_split,
    stratified_split,
};
use tch::{Device, Kind, Tensor};

/// Images of one pixel, the index, with these labels.
fn dataset(labels: &[i64]) -> ImageBytes {
    let pixels = (0..labels.len()).map(|index| index as u8).collect();
    ImageBytes::new(Shape::new(1, 1, 1), pixels, labels.to_vec(), vec![]).unwrap()
}

fn pixels(dataset: &impl Dataset) -> Vec<u8> {
    (0..dataset.len()).map(|index| dataset.sample(index).unwrap().pixels.bytes()[0]).collect()
}

#[test]
fn labels_may_be_any_numbers() {
    for labels in [vec![0, 255], vec![0, 256], vec![-1, i64::MAX]] {
        let dataset = dataset(&labels);
        assert_eq!(dataset.labels(), labels);
        assert_eq!(dataset.sample(1).unwrap().label, labels[1]);
        assert_eq!(dataset.label(0).unwrap(), labels[0]);
    }
}

#[test]
fn a_subset_has_its_own_numbers() {
    let subset = Subset::new(dataset(&[5, 6, 7]), vec![2, 0, 2]).unwrap();
    assert_eq!(pixels(&subset), [2, 0, 2]);
    assert_eq!(subset.labels().unwrap(), [7, 5, 7]);
    let error = Subset::new(dataset(&[5, 6, 7]), vec![3]).unwrap_err().to_string();
    assert_eq!(error, "indices: expected numbers below 3, found 3");
}

#[test]
fn a_concatenation_goes_through_its_parts() {
    let parts: [&[i64]; 4] = [&[1, 2], &[], &[3], &[4, 5]];
    let boxes = parts.map(|labels| Box::new(dataset(labels)) as Box<dyn Dataset>);
    let concat = Concat::new(boxes.into()).unwrap();
    assert_eq!(concat.labels().unwrap(), [1, 2, 3, 4, 5]);
    assert_eq!(pixels(&concat), [0, 1, 0, 0, 1]);
    assert!(Concat::new(vec![]).unwrap().is_empty());
    let named = ImageBytes::new(Shape::new(1, 1, 1), vec![], vec![], vec!["a".to_owned()]).unwrap();
    assert!(Concat::new(vec![Box::new(dataset(&[])), Box::new(named)]).is_err());
}

#[test]
fn classes_are_counted_and_weighed() {
    let counts = dataset(&[2, 0, 2, 2]).class_counts().unwrap();
    assert_eq!(counts, [1, 0, 3]);
    assert_eq!(balanced_class_weights(&counts), [2.0, 0.0, 2.0 / 3.0]);
    assert!(dataset(&[]).class_counts().unwrap().is_empty());
    for label in [-1, i64::MIN, 1 << 40, i64::MAX] {
        let error = dataset(&[0, label]).class_counts().unwrap_err().to_string();
        assert!(error.starts_with("sample 1: label: expected 0 to"), "{error}");
    }
}

#[test]
fn parts_have_to_sum_to_the_whole() {
    let split = |parts: Parts| random_split(dataset(&[0; 10]), parts, 0).map(|_| ());
    for parts in [
        [3, 8].into(),
        [usize::MAX, 11].into(),
        [0.5, 0.6].into(),
        [-0.5, 1.5].into(),
        [f64::NAN].into(),
        Parts::Fractions(vec![]),
        Parts::Lengths(vec![]),
    ] {
        assert!(split(parts.clone()).is_err(), "{parts:?}");
    }
    assert!(split([0, 10].into()).is_ok());
}

/// PyTorch gives [4, 3, 3] of 10 for thirds.
#[test]
fn what_fractions_leave_over_goes_to_the_parts_in_turn() {
    let third = 1.0 / 3.0;
    let parts = random_split(dataset(&[0; 10]), [third, third, third], 0).unwrap();
    assert_eq!(parts.iter().map(Dataset::len).collect::<Vec<_>>(), [4, 3, 3]);
}

fn taken<D: Dataset>(parts: &[Subset<Arc<D>>]) -> Vec<usize> {
    let mut all: Vec<usize> = parts.iter().flat_map(|part| part.indices().to_vec()).collect();
    all.sort_unstable();
    all
}

fn alike<D: Dataset>(one: &[Subset<D>], other: &[Subset<D>]) -> bool {
    one.iter().zip(other).all(|(one, other)| one.indices() == other.indices())
}

fn fractions() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.01_f64..1.0, 1..5).prop_map(|weights| {
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    })
}

proptest! {
    #[test]
    fn each_sample_is_in_one_part(len in 0_usize..100, fractions in fractions(), seed: u64) {
        let split = |seed| random_split(dataset(&vec![0; len]), Parts::Fractions(fractions.clone()), seed).unwrap();
        let parts = split(seed);
        prop_assert_eq!(taken(&parts), (0..len).collect::<Vec<_>>());
        for (part, fraction) in parts.iter().zip(&fractions) {
            prop_assert!((part.len() as f64 - fraction * len as f64).abs() <= 1.0 + 1e-9);
        }
        prop_assert!(alike(&parts, &split(seed)));
        if len > 20 && fractions.len() > 1 && parts[0].len() > 5 {
            prop_assert!(!alike(&parts, &split(seed.wrapping_add(1))), "seeds differ");
        }
    }

    #[test]
    fn strata_keep_their_proportions(
        labels in prop::collection::vec(0_i64..4, 0..100), fractions in fractions(), seed: u64,
    ) {
        let split = |seed| stratified_split(dataset(&labels), &fractions, seed).unwrap();
        let parts = split(seed);
        prop_assert!(alike(&parts, &split(seed)));
        prop_assert_eq!(taken(&parts), (0..labels.len()).collect::<Vec<_>>());
        for (part, fraction) in parts.iter().zip(&fractions) {
            for class in 0..4 {
                let of = |labels: &[i64]| labels.iter().filter(|&&label| label == class).count() as f64;
                let found = of(&part.labels().unwrap());
                prop_assert!((found - fraction * of(&labels)).abs() <= 1.0 + 1e-9);
            }
        }
    }
}

#[test]
fn tensors_become_samples() {
    let labels = Tensor::from_slice(&[3_i64, 4]);
    let floats = Tensor::arange(12, (Kind::Double, Device::Cpu)).view([2, 3, 1, 2]).transpose(1, 3);
    let dataset = TensorDataset::new(&floats, &labels).unwrap();
    let sample = dataset.sample(1).unwrap();
    assert_eq!(sample.shape, Shape::new(2, 1, 3));
    assert_eq!(sample.pixels.floats(), [6.0, 8.0, 10.0, 7.0, 9.0, 11.0]);
    assert_eq!(sample.label, 4);
    let bytes = TensorDataset::new(&floats.to_kind(Kind::Uint8), &labels).unwrap();
    assert_eq!(bytes.sample(0).unwrap().pixels.bytes(), [0, 2, 4, 1, 3, 5]);
}

#[test]
fn tensors_of_another_kind_or_shape_are_refused() {
    let labels = Tensor::from_slice(&[3_i64, 4]);
    let images = |size: &[i64], kind| Tensor::zeros(size, (kind, Device::Cpu));
    for (images, labels) in [
        (images(&[2, 3, 4], Kind::Float), labels.shallow_clone()),
        (images(&[2, 1, 2, 2], Kind::Int64), labels.shallow_clone()),
        (images(&[3, 1, 2, 2], Kind::Float), labels.shallow_clone()),
        (images(&[2, 1, 2, 2], Kind::Float), labels.to_kind(Kind::Float)),
    ] {
        assert!(TensorDataset::new(&images, &labels).is_err());
    }
}
