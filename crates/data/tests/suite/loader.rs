//! The loader: which images come, in which batches, in which order.

use selvedge_data::{
    Compose, Dataset, Error, ImageBytes, Loader, LoaderOptions, Normalize, Result, Sample, Shape, ToTensor,
};
use tch::{Kind, Tensor};

/// Ten images of one pixel, whose value and label are their index.
fn ten() -> ImageBytes {
    ImageBytes::new(Shape::new(1, 1, 1), (0..10).collect(), (0..10).collect(), vec![]).unwrap()
}

fn loader(options: LoaderOptions) -> Loader {
    Loader::new(ten(), options).unwrap()
}

fn labels(batches: impl Iterator<Item = Result<selvedge_data::Batch>>) -> Vec<Vec<i64>> {
    batches.map(|batch| Vec::try_from(batch.unwrap().labels).unwrap()).collect()
}

#[test]
fn keeps_the_last_partial_batch_unless_told_to_drop_it() {
    let options = LoaderOptions { batch_size: 4, ..LoaderOptions::default() };
    let all = loader(options.clone());
    assert_eq!(labels(all.epoch(0)), [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8, 9]]);
    assert_eq!((all.len(), all.image_count(), all.epoch(0).len()), (3, 10, 3));
    let full = loader(LoaderOptions { drop_last: true, ..options });
    assert_eq!(labels(full.epoch(0)), [[0, 1, 2, 3], [4, 5, 6, 7]]);
    assert_eq!((full.len(), full.epoch(0).len()), (2, 2));
}

#[test]
fn shuffles_by_seed_and_epoch_alone() {
    let options = LoaderOptions { batch_size: 10, shuffle: true, seed: 7, ..LoaderOptions::default() };
    let shuffled = loader(options.clone());
    let first = labels(shuffled.epoch(0));
    assert_eq!(first, labels(loader(options.clone()).epoch(0)));
    assert_ne!(first, labels(shuffled.epoch(1)));
    assert_ne!(first, labels(loader(LoaderOptions { seed: 8, ..options }).epoch(0)));
    // The order is part of the interface: a run can be repeated with another version and on another machine.
    assert_eq!(first, [[3, 1, 2, 9, 7, 4, 0, 8, 5, 6]]);
}

#[test]
fn images_belong_to_their_labels() {
    let shuffled = loader(LoaderOptions { batch_size: 3, shuffle: true, ..LoaderOptions::default() });
    for batch in shuffled.epoch(5) {
        let batch = batch.unwrap();
        assert_eq!(batch.images.kind(), Kind::Float);
        assert_eq!(batch.labels.kind(), Kind::Int64);
        assert_eq!(batch.images.size(), [batch.len() as i64, 1, 1, 1]);
        let values = (batch.images.view(-1) * 255.0).round().to_kind(Kind::Int64);
        assert_eq!(values, batch.labels);
    }
}

#[test]
fn takes_an_order_from_elsewhere() {
    let plain = loader(LoaderOptions { batch_size: 2, ..LoaderOptions::default() });
    assert_eq!(labels(plain.batches_of(vec![9, 9, 4])), [vec![9, 9], vec![4]]);
    assert_eq!(plain.batches_of(vec![]).count(), 0);
}

#[test]
fn refuses_an_index_that_is_not_there() {
    let plain = loader(LoaderOptions::default());
    let error = plain.batches_of(vec![10]).next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "sample 10: index: expected below 10, the length of the dataset, found 10");
}

#[test]
fn refuses_an_empty_batch() {
    let error =
        Loader::new(ten(), LoaderOptions { batch_size: 0, ..LoaderOptions::default() }).err().unwrap();
    assert!(matches!(error, Error::Option { option: "batch_size", .. }), "{error}");
}

#[test]
fn refuses_a_transform_that_does_not_fit() {
    for (transform, part) in [
        (vec![Normalize::new(&[0.5], &[0.5]).into()], "ToTensor comes first"),
        (vec![ToTensor.into(), Normalize::new(&[0.5], &[0.0]).into()], "not zero"),
        (vec![ToTensor.into(), Normalize::new(&[f64::NAN], &[1.0]).into()], "finite"),
        (vec![ToTensor.into(), Normalize::new(&[0.5, 0.5], &[0.5]).into()], "1 or 1 values, found 2"),
    ] {
        let options = LoaderOptions { transform: Compose::new(transform), ..LoaderOptions::default() };
        let error = Loader::new(ten(), options).err().unwrap().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn leaves_bytes_without_a_transform() {
    let bytes =
        loader(LoaderOptions { batch_size: 10, transform: Compose::default(), ..LoaderOptions::default() });
    let images = bytes.epoch(0).next().unwrap().unwrap().images;
    assert_eq!(images.view(-1), Tensor::from_slice(&(0..10).collect::<Vec<u8>>()));
}

#[test]
fn an_empty_dataset_has_no_batches() {
    let empty = ImageBytes::new(Shape::new(1, 28, 28), vec![], vec![], vec![]).unwrap();
    for shuffle in [false, true] {
        let loader =
            Loader::new(empty.clone(), LoaderOptions { shuffle, ..LoaderOptions::default() }).unwrap();
        assert!(loader.is_empty());
        assert_eq!(loader.epoch(0).count(), 0);
    }
}

/// Images whose sizes, values and troubles depend on the index.
struct Odd;

impl Dataset for Odd {
    fn len(&self) -> usize {
        4
    }

    fn sample(&self, index: usize) -> Result<Sample<'_>> {
        match index {
            0 => Ok(Sample::new(Shape::new(1, 1, 2), vec![0_u8, 255], 0)),
            1 => Ok(Sample::new(Shape::new(1, 1, 2), vec![0.25_f32, 4.0], 1)),
            2 => Ok(Sample::new(Shape::new(1, 2, 2), vec![0_u8; 4], 2)),
            _ => Err(Error::other("the cat ate it")),
        }
    }
}

#[test]
fn bytes_and_floats_may_share_a_batch() {
    let loader = Loader::new(Odd, LoaderOptions { batch_size: 2, ..LoaderOptions::default() }).unwrap();
    let images = loader.epoch(0).next().unwrap().unwrap().images;
    assert_eq!(Vec::<f32>::try_from(images.view(-1)).unwrap(), [0.0, 1.0, 0.25, 4.0]);
}

#[test]
fn images_of_two_sizes_are_refused_by_index() {
    let loader = Loader::new(Odd, LoaderOptions { batch_size: 2, ..LoaderOptions::default() }).unwrap();
    let error = loader.batches_of(vec![0, 2]).next().unwrap().unwrap_err().to_string();
    assert!(error.contains("images 0 and 2"), "{error}");
    assert!(error.contains("[1, 1, 2]") && error.contains("[1, 2, 2]"), "{error}");
}

#[test]
fn the_error_of_a_dataset_names_the_sample() {
    let loader = Loader::new(Odd, LoaderOptions { batch_size: 2, ..LoaderOptions::default() }).unwrap();
    let mut epoch = loader.batches_of(vec![0, 3, 0]);
    assert_eq!(epoch.next().unwrap().unwrap_err().to_string(), "sample 3: the cat ate it");
    assert_eq!(epoch.next().unwrap().unwrap().len(), 1);
}
