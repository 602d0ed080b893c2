use std::path::Path;

use selvedge_data::{Cifar10, Cifar100, Dataset, ImageBytes, Result};

use crate::folder::{file, folder, read};

/// What an image has behind its labels.
const PIXELS: usize = 3 * 32 * 32;

/// Loads the datasets whose records these bytes may be; tells whether they are of one.
pub fn cifar(bytes: &[u8]) -> bool {
    let [ten, hundred] = ["ten", "hundred"].map(folder);
    file("ten/test_batch.bin", bytes);
    file("hundred/train.bin", bytes);
    let loaded = [
        is_whole(&ten, bytes, 1, Cifar10 { folder: Some(ten.clone()), ..Cifar10::test() }.load()),
        is_whole(&hundred, bytes, 2, Cifar100 { folder: Some(hundred.clone()), ..Cifar100::train() }.load()),
    ];
    loaded.contains(&true)
}

fn is_whole(folder: &Path, bytes: &[u8], labels: usize, dataset: Result<ImageBytes>) -> bool {
    let dataset = read(folder, dataset);
    if let Some(dataset) = &dataset {
        assert_eq!(dataset.len() * (labels + PIXELS), bytes.len());
        assert_eq!(dataset.pixels().len(), dataset.len() * PIXELS);
        let classes = dataset.class_names().len() as i64;
        assert!(dataset.labels().iter().all(|label| (0..classes).contains(label)));
    }
    dataset.is_some()
}
