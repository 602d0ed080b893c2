//! The IDX reader, on good files and on every kind of bad one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use selvedge_data::{Dataset, Idx, ImageBytes, Result};
use tempfile::TempDir;

fn header(dimensions: &[u32]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dimensions.len() as u8];
    bytes.extend(dimensions.iter().flat_map(|length| length.to_be_bytes()));
    bytes
}

fn idx(dimensions: &[u32], values: &[u8]) -> Vec<u8> {
    [header(dimensions), values.to_vec()].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn read(bytes: &[u8], rank: u8) -> Result<Idx> {
    let folder = Folder::new();
    Idx::read(folder.file("file", bytes), rank)
}

/// What is said of the file, without its path, which has to come first.
fn complaint(bytes: &[u8], rank: u8) -> String {
    let folder = Folder::new();
    let path = folder.file("file", bytes);
    let text = Idx::read(&path, rank).unwrap_err().to_string();
    text.strip_prefix(&format!("{}: ", path.display())).expect("the path comes first").to_owned()
}

#[test]
fn reads_raw_and_gzip() {
    let bytes = idx(&[2, 1, 3], &[1, 2, 3, 4, 5, 6]);
    let expected = Idx { dimensions: vec![2, 1, 3], values: vec![1, 2, 3, 4, 5, 6] };
    assert_eq!(read(&bytes, 3).unwrap(), expected);
    assert_eq!(read(&gzip(&bytes), 3).unwrap(), expected);
}

#[test]
fn refuses_what_is_not_idx() {
    assert_eq!(complaint(&idx(&[1], &[0]), 3), "magic number: expected 00000803, found 00000801");
    assert_eq!(complaint(b"\x89PNG\r\n\x1a\n", 1), "magic number: expected 00000801, found 89504e47");
    assert_eq!(complaint(b"", 1), "header: expected 8 bytes, found 0 bytes");
    assert_eq!(complaint(&header(&[1, 2, 3])[..9], 3), "header: expected 16 bytes, found 9 bytes");
}

#[test]
fn refuses_a_body_that_is_too_short_or_too_long() {
    let short = idx(&[2, 2], &[0; 3]);
    let long = idx(&[2, 2], &[0; 5]);
    let expected = "body: expected 4 bytes for the dimensions [2, 2], found";
    assert_eq!(complaint(&short, 2), format!("{expected} 3 bytes"));
    assert_eq!(complaint(&long, 2), format!("{expected} 5 bytes"));
    assert_eq!(complaint(&gzip(&short), 2), format!("{expected} 3 bytes"));
    assert_eq!(complaint(&gzip(&long), 2), format!("{expected} more bytes than that"));
}

#[test]
fn refuses_a_header_that_asks_for_the_world() {
    let huge = header(&[u32::MAX, u32::MAX, u32::MAX]);
    assert!(complaint(&huge, 3).contains("dimensions whose product is possible"));
    // Less than an address space and more than any machine: refused by the file's length, not by the allocator.
    let large = header(&[u32::MAX, 0x7fff]);
    assert!(complaint(&large, 2).starts_with("body: expected 140733"), "{}", complaint(&large, 2));
    assert!(complaint(&gzip(&large), 2).contains("as the file is so short"));
}

#[test]
fn refuses_corrupt_gzip() {
    let mut bytes = gzip(&idx(&[100], &(0..100).collect::<Vec<u8>>()));
    let truncated = complaint(&bytes[..bytes.len() - 20], 1);
    assert!(truncated.starts_with("gzip data: expected a whole gzip file, found"), "{truncated}");
    let without_checksum = complaint(&bytes[..bytes.len() - 4], 1);
    assert!(without_checksum.starts_with("gzip data"), "{without_checksum}");
    let end = bytes.len() - 6;
    bytes[end] ^= 1;
    let checksum = complaint(&bytes, 1);
    assert!(checksum.starts_with("gzip data"), "{checksum}");
}

#[test]
fn says_which_file_is_missing() {
    let error = Idx::read("no/such/file", 1).unwrap_err().to_string();
    assert!(error.starts_with("no/such/file: "), "{error}");
}

fn images_and_labels(labels: &[u8], class_names: &[&str]) -> std::result::Result<ImageBytes, String> {
    let folder = Folder::new();
    let images = folder.file("images", &idx(&[2, 1, 2], &[1, 2, 3, 4]));
    let labels = folder.file("labels", &gzip(&idx(&[labels.len() as u32], labels)));
    ImageBytes::from_idx(images, labels, class_names)
        .map_err(|error| error.to_string().replace(&format!("{}/", folder.0.path().display()), ""))
}

#[test]
fn pairs_images_with_labels() {
    let dataset = images_and_labels(&[1, 0], &["sock", "shoe"]).unwrap();
    assert_eq!(dataset.len(), 2);
    assert_eq!(dataset.sample(1).unwrap().pixels.bytes(), [3, 4]);
    assert_eq!(dataset.labels(), [1, 0]);
    assert_eq!(dataset.class_names(), ["sock", "shoe"]);
}

#[test]
fn refuses_labels_that_do_not_belong() {
    assert_eq!(
        images_and_labels(&[1, 0, 1], &[]).unwrap_err(),
        "labels: number of labels: expected 2, as there are images in images, found 3"
    );
    assert_eq!(
        images_and_labels(&[1, 2], &["sock", "shoe"]).unwrap_err(),
        "labels: labels: expected 0 to 1, found 2 at index 1"
    );
}

fn round_trip(folder: &Path, dimensions: &[u32], values: &[u8], compress: bool) -> Result<Idx> {
    let bytes = idx(dimensions, values);
    let path = folder.join("file");
    fs::write(&path, if compress { gzip(&bytes) } else { bytes }).unwrap();
    Idx::read(path, dimensions.len() as u8)
}

proptest! {
    #[test]
    fn gives_back_what_was_written(
        dimensions in prop::collection::vec(0_u32..5, 1..5),
        seed: u8,
        compress: bool,
    ) {
        let count: u32 = dimensions.iter().product();
        let values: Vec<u8> = (0..count).map(|index| (index as u8).wrapping_mul(31) ^ seed).collect();
        let folder = Folder::new();
        let found = round_trip(folder.0.path(), &dimensions, &values, compress).unwrap();
        let lengths: Vec<usize> = dimensions.iter().map(|&length| length as usize).collect();
        prop_assert_eq!(found, Idx { dimensions: lengths, values });
    }
}
