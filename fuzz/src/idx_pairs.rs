use selvedge_data::{Dataset, Idx, ImageBytes, Kmnist, Qmnist, Result};

use crate::folder::{file, folder, read};

/// Loads a dataset whose images, whose labels or whose records these bytes are; tells whether one was whole. The other
/// file of the pair is made to fit.
pub fn idx_pairs(bytes: &[u8]) -> bool {
    let [images, labels, records] = ["images", "labels", "records"].map(folder);
    let path = file("images/t10k-images-idx3-ubyte", bytes);
    let count = Idx::read(path, 3).map_or(0, |idx| idx.dimensions[0]);
    file("images/t10k-labels-idx1-ubyte", &idx(&[count], &vec![3; count]));
    let path = file("labels/t10k-labels-idx1-ubyte", bytes);
    let count = Idx::read(path, 1).map_or(0, |idx| idx.values.len());
    file("labels/t10k-images-idx3-ubyte", &idx(&[count, 1, 1], &vec![7; count]));
    file("records/qmnist-train-labels-idx2-int", bytes);
    // Behind the magic number.
    let count = bytes.get(4..8).map_or(0, |count| u32::from_be_bytes(count.try_into().unwrap()) as usize);
    let count = count.min(bytes.len());
    file("records/qmnist-train-images-idx3-ubyte", &idx(&[count, 1, 1], &vec![7; count]));
    let loaded = [
        is_whole(&images, Kmnist { folder: Some(images.clone()), ..Kmnist::test() }.load()),
        is_whole(&labels, Kmnist { folder: Some(labels.clone()), ..Kmnist::test() }.load()),
        is_whole(&records, Qmnist { folder: Some(records.clone()), ..Qmnist::default() }.load()),
    ];
    loaded.contains(&true)
}

fn is_whole(folder: &std::path::Path, dataset: Result<ImageBytes>) -> bool {
    let dataset = read(folder, dataset);
    if let Some(dataset) = &dataset {
        assert_eq!(dataset.labels().len(), dataset.len());
        assert!(dataset.labels().iter().all(|label| (0..10).contains(label)));
        assert_eq!(dataset.pixels().len(), dataset.len() * dataset.shape().numel());
    }
    dataset.is_some()
}

/// A whole file of bytes.
fn idx(dimensions: &[usize], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dimensions.len() as u8];
    bytes.extend(dimensions.iter().flat_map(|&length| (length as u32).to_be_bytes()));
    bytes.extend(values);
    bytes
}
