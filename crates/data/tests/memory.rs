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
    let bytes =
        ImageBytes::new(Shape::new(1, 28, 28), vec![7; 60_000 * 784], vec![3; 60_000], vec![]).unwrap();
    let dataset = Arc::new(bytes);
    for (what, transform, num_workers, epochs) in
        [("plain", plain(), 0, 50), ("with two workers", plain(), 2, 10), ("augmented", augmented(), 0, 3)]
    {
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
        for epoch in 1..=epochs {
            assert!(loader.epoch(epoch).all(|batch| batch.is_ok()));
        }
        let grown = peak() - before;
        assert!(
            grown <= 16,
            "{what}: {epochs} epochs took {grown} MiB more than the set, whose floats are 179"
        );
    }
}
