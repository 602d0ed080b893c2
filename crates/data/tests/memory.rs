//! The set's bytes are not turned into floats, nor copied: in a process of its own, as it measures that.

#![cfg(target_os = "linux")]
// A test has nothing better to do with an error.
#![allow(clippy::unwrap_used)]

use std::fs;

use selvedge_data::{Compose, ImageBytes, Loader, LoaderOptions, Normalize, Shape, ToTensor};

/// The most memory this process has ever held, in MiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
fn epochs_take_a_few_batches_of_memory() {
    let dataset =
        ImageBytes::new(Shape::new(1, 28, 28), vec![7; 60_000 * 784], vec![3; 60_000], vec![]).unwrap();
    let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
    let options = LoaderOptions { batch_size: 64, shuffle: true, transform, ..LoaderOptions::default() };
    let loader = Loader::new(dataset, options).unwrap();
    // libtorch's own start-up is not what is measured.
    assert!(loader.epoch(0).take(10).all(|batch| batch.is_ok()));
    let before = peak();
    for epoch in 1..=50 {
        assert!(loader.epoch(epoch).all(|batch| batch.is_ok()));
    }
    let grown = peak() - before;
    assert!(grown <= 16, "fifty epochs took {grown} MiB more than the set; its floats would be 179 MiB");
}
