//! Datasets that stay on the device: the same batches as those that are gathered from memory.

use selvedge_data::{
    Batch, Compose, Dataset, Epoch, Error, ImageBytes, Loader, LoaderOptions, Normalize, Result, Sample,
    Shape, ToTensor,
};
use tch::{Cuda, Device};

fn dataset() -> ImageBytes {
    let pixels = (0..50 * 12).map(|place| (place * 37 % 256) as u8).collect();
    ImageBytes::new(Shape::new(3, 2, 2), pixels, (0..50).collect(), vec![]).unwrap()
}

fn options() -> LoaderOptions {
    let transform =
        Compose::new([ToTensor.into(), Normalize::new(&[0.1, 0.2, 0.3], &[0.4, 0.5, 0.6]).into()]);
    LoaderOptions { batch_size: 8, shuffle: true, transform, ..LoaderOptions::default() }
}

fn assert_same(one: Epoch<'_>, other: Epoch<'_>) {
    assert_eq!(one.len(), other.len());
    for (one, other) in one.zip(other) {
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(one.images.to_device(Device::Cpu), other.images.to_device(Device::Cpu));
        assert_eq!(one.labels.to_device(Device::Cpu), other.labels.to_device(Device::Cpu));
    }
}

#[test]
fn gives_the_batches_that_are_gathered_from_memory() {
    let gathered = Loader::new(dataset(), options()).unwrap();
    for num_workers in [0, 2] {
        let resident =
            Loader::new(dataset(), LoaderOptions { resident: true, num_workers, ..options() }).unwrap();
        assert_same(resident.epoch(3), gathered.epoch(3));
        let error = resident.batches_of(vec![50]).next().unwrap().unwrap_err().to_string();
        assert_eq!(error, "sample 50: index: expected below 50, the length of the dataset, found 50");
    }
}

#[test]
fn pinned_and_resident_batches_are_on_the_device() {
    if !Cuda::is_available() {
        println!("skipped: there is no CUDA device");
        return;
    }
    let device = Device::Cuda(0);
    let gathered = Loader::new(dataset(), options()).unwrap();
    for options in [
        LoaderOptions { device, ..options() },
        LoaderOptions { device, pin_memory: true, num_workers: 2, ..options() },
        LoaderOptions { device, resident: true, ..options() },
    ] {
        let loader = Loader::new(dataset(), options).unwrap();
        let Batch { images, labels } = loader.epoch(0).next().unwrap().unwrap();
        assert_eq!((images.device(), labels.device()), (device, device));
        assert_same(loader.epoch(1), gathered.epoch(1));
    }
}

#[test]
fn pinning_means_nothing_without_a_device() {
    let pinned = Loader::new(dataset(), LoaderOptions { pin_memory: true, ..options() }).unwrap();
    assert_same(pinned.epoch(0), Loader::new(dataset(), options()).unwrap().epoch(0));
}

/// Images of two sizes.
struct Odd;

impl Dataset for Odd {
    fn len(&self) -> usize {
        3
    }

    fn sample(&self, index: usize) -> Result<Sample<'_>> {
        let side = 1 + index / 2;
        Ok(Sample::new(Shape::new(1, side, side), vec![0_u8; side * side], 0))
    }
}

#[test]
fn samples_that_differ_can_not_be_resident() {
    let resident = LoaderOptions { resident: true, ..LoaderOptions::default() };
    let error = Loader::new(Odd, resident.clone()).err().unwrap();
    assert!(matches!(error, Error::Shape { .. }), "{error}");
    assert!(error.to_string().starts_with("sample 2 of a dataset that is to be resident"), "{error}");
    let empty = ImageBytes::new(Shape::new(1, 2, 2), vec![], vec![], vec![]).unwrap();
    assert_eq!(Loader::new(empty, resident).unwrap().epoch(0).count(), 0);
}
