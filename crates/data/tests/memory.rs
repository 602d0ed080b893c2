//! The set's bytes are not turned into floats, nor copied, and no epoch leaves anything behind: in a process of its
//! own, as it measures that.

#![cfg(target_os = "linux")]
// A test has nothing better to do with an error.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::sync::Arc;

use selvedge_data::{
    Compose, ImageBytes, Loader, LoaderOptions, Normalize, RandomCrop, RandomErasing, RandomHorizontalFlip,
    Shape, ToTensor,
};

const EPOCHS: u64 = 50;

/// The most memory this process has ever held, in MiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn plain() -> Compose {
    Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()])
}

fn augmented() -> Compose {
    let Compose { mut transforms } = plain();
    transforms.push(RandomCrop { padding: Some(4.into()), ..RandomCrop::new(28) }.into());
    transforms.push(RandomHorizontalFlip::default().into());
    transforms.push(RandomErasing::default().into());
    Compose::new(transforms)
}

/// One test, since a peak is the process's.
#[test]
fn epochs_take_a_few_batches_of_memory() {
    // Threads that wait for each other would take long on a busy machine.
    tch::set_num_threads(1);
    let images = |count: usize| {
        ImageBytes::new(Shape::new(1, 28, 28), vec![7; count * 784], vec![3; count], vec![]).unwrap()
    };
    // What grows with the epochs grows with a tenth of the set, and augmentations take their time.
    let (all, some) = (Arc::new(images(60_000)), Arc::new(images(6000)));
    for (what, dataset, transform, num_workers) in [
        ("plain", &all, plain(), 0),
        ("with two workers", &all, plain(), 2),
        ("augmented", &some, augmented(), 0),
        ("augmented by two workers", &some, augmented(), 2),
    ] {
        let options = LoaderOptions {
            batch_size: 64,
            shuffle: true,
            transform,
            num_workers,
            ..LoaderOptions::default()
        };
        let loader = Loader::new(dataset.clone(), options).unwrap();
        // What libtorch and threads need once is not what is measured.
        assert!(loader.epoch(0).take(10).all(|batch| batch.is_ok()));
        let before = peak();
        for epoch in 1..=EPOCHS {
            assert!(loader.epoch(epoch).all(|batch| batch.is_ok()));
        }
        let grown = peak() - before;
        assert!(
            grown <= 16,
            "{what}: {EPOCHS} epochs took {grown} MiB more than the set, whose floats are 179"
        );
    }
}
