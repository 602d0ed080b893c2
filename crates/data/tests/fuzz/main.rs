//! Fuzz targets for what reads files: real ones, damaged, are read or refused, and what is read holds together.
//!
//! Each runs for a second with the other tests, and longer with `cargo xtask fuzz --seconds 60`. A failure tells the
//! smallest damage that shows it, and the seed.

// What this file needs around its tests is a test too.
#![allow(clippy::unwrap_used)]

mod damage;
mod run;

use std::fs;

use selvedge_data::{Cifar10, Cifar100, Dataset, Idx, ImageFolder, Kmnist, Qmnist};

use damage::{Corpus, damage};
use run::fuzz;

#[test]
fn idx() {
    let corpus = Corpus::new("idx");
    let path = corpus.folder().join("file");
    fuzz(damage(), |damage| {
        fs::write(&path, corpus.damaged(&damage)).unwrap();
        for rank in 0..4 {
            if let Ok(idx) = Idx::read(&path, rank) {
                assert_eq!(idx.dimensions.len(), usize::from(rank));
                assert_eq!(idx.dimensions.iter().product::<usize>(), idx.values.len());
            }
        }
    });
}

/// Images and labels, each damaged.
#[test]
fn idx_pairs() {
    let corpus = Corpus::new("idx");
    let folder = Some(corpus.folder().to_path_buf());
    let (kmnist, qmnist) =
        (Kmnist { folder: folder.clone(), ..Kmnist::test() }, Qmnist { folder, ..Qmnist::default() });
    fuzz((damage(), damage()), |(images, labels)| {
        for (name, damage) in [
            ("t10k-images-idx3-ubyte", &images),
            ("t10k-labels-idx1-ubyte", &labels),
            ("qmnist-train-images-idx3-ubyte", &images),
            ("qmnist-train-labels-idx2-int", &labels),
        ] {
            fs::write(corpus.folder().join(name), corpus.damaged(damage)).unwrap();
        }
        for dataset in [kmnist.load(), qmnist.load()].into_iter().flatten() {
            assert_eq!(dataset.labels().len(), dataset.len());
            assert!(dataset.labels().iter().all(|label| (0..10).contains(label)));
        }
    });
}

#[test]
fn cifar() {
    let corpus = Corpus::new("cifar");
    let folder = Some(corpus.folder().to_path_buf());
    let (ten, hundred) =
        (Cifar10 { folder: folder.clone(), ..Cifar10::test() }, Cifar100 { folder, ..Cifar100::train() });
    fuzz(damage(), |damage| {
        let bytes = corpus.damaged(&damage);
        for (name, record) in [("test_batch.bin", 3073), ("train.bin", 3074)] {
            fs::write(corpus.folder().join(name), &bytes).unwrap();
            let loaded = if record == 3073 { ten.load() } else { hundred.load() };
            if let Ok(dataset) = loaded {
                assert_eq!(dataset.len() * record, bytes.len());
                assert_eq!(dataset.pixels().len(), dataset.len() * 3072);
            }
        }
    });
}

#[test]
fn image_folder() {
    let corpus = Corpus::new("images");
    let path = corpus.folder().join("class/image.png");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, "").unwrap();
    let dataset = ImageFolder::new(corpus.folder()).unwrap();
    fuzz(damage(), |damage| {
        fs::write(&path, corpus.damaged(&damage)).unwrap();
        if let Ok(sample) = dataset.sample(0) {
            assert_eq!(sample.pixels.len(), sample.shape.numel());
        }
    });
}

/// The corpus itself is whole: else nothing would get past the first check.
#[test]
fn what_is_damaged_was_whole() {
    let images = Corpus::new("images");
    fs::create_dir(images.folder().join("class")).unwrap();
    for (number, bytes) in images.files().iter().enumerate() {
        fs::write(images.folder().join(format!("class/{number:02}.png")), bytes).unwrap();
    }
    let dataset = ImageFolder::new(images.folder()).unwrap();
    assert_eq!(dataset.len(), 14);
    for index in 0..dataset.len() {
        dataset.sample(index).unwrap();
    }
}
