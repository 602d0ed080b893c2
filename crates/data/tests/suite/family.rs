//! The other datasets of the MNIST family, and CIFAR, on small files of their form.

use std::fs;
use std::path::{Path, PathBuf};

use selvedge_data::{
    Cifar10, Cifar100, Dataset, Emnist, EmnistSubset, Error, Kmnist, Mnist, Qmnist, QmnistSubset, Shape,
    Split,
};
use tempfile::TempDir;

fn idx(code: u8, dimensions: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, dimensions.len() as u8];
    bytes.extend(dimensions.iter().flat_map(|length| length.to_be_bytes()));
    bytes.extend(values);
    bytes
}

/// Files in a folder, and the folder as an option of a dataset.
fn folder(files: &[(&str, Vec<u8>)]) -> (TempDir, Option<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let path = Some(folder.path().to_path_buf());
    (folder, path)
}

#[test]
fn kmnist_reads_torchvision_s_folder() {
    let (_kept, folder) = folder(&[
        ("KMNIST/raw/t10k-images-idx3-ubyte", idx(8, &[2, 1, 1], &[10, 20])),
        ("KMNIST/raw/t10k-labels-idx1-ubyte", idx(8, &[2], &[9, 0])),
    ]);
    let dataset = Kmnist { folder: folder.clone(), ..Kmnist::test() }.load().unwrap();
    assert_eq!(dataset.labels(), [9, 0]);
    assert_eq!(dataset.class_names()[9], "wo");
    let error = Kmnist { folder, ..Kmnist::train() }.load().unwrap_err();
    assert!(error.to_string().contains("put train-images-idx3-ubyte, train-labels"), "{error}");
}

#[test]
fn mnist_is_held_to_its_digest() {
    let (_kept, folder) = folder(&[
        ("train-images-idx3-ubyte", idx(8, &[1, 1, 1], &[10])),
        ("train-labels-idx1-ubyte", idx(8, &[1], &[9])),
    ]);
    let error = Mnist { folder, ..Mnist::train() }.load().unwrap_err();
    assert!(matches!(error, Error::Checksum { .. }), "{error}");
}

#[test]
fn emnist_s_subsets_have_torchvision_s_classes() {
    for (subset, count, first, last) in [
        (EmnistSubset::ByClass, 62, "0", "z"),
        (EmnistSubset::ByMerge, 47, "0", "t"),
        (EmnistSubset::Balanced, 47, "0", "t"),
        (EmnistSubset::Letters, 27, "N/A", "z"),
        (EmnistSubset::Digits, 10, "0", "9"),
        (EmnistSubset::Mnist, 10, "0", "9"),
    ] {
        let names = subset.class_names();
        assert_eq!((names.len(), &*names[0], &*names[count - 1]), (count, first, last));
    }
    let merged = EmnistSubset::Balanced.class_names()[36..].concat();
    assert_eq!(merged, "abdefghnqrt");
}

#[test]
fn emnist_reads_the_files_of_a_subset() {
    let (_kept, folder) = folder(&[
        ("emnist-letters-test-images-idx3-ubyte", idx(8, &[2, 1, 2], &[1, 2, 3, 4])),
        ("emnist-letters-test-labels-idx1-ubyte", idx(8, &[2], &[1, 26])),
        ("emnist-digits-test-images-idx3-ubyte", idx(8, &[1, 1, 1], &[1])),
        ("emnist-digits-test-labels-idx1-ubyte", idx(8, &[1], &[10])),
    ]);
    let of = |subset| Emnist { subset, split: Split::Test, folder: folder.clone() };
    let letters = of(EmnistSubset::Letters).load().unwrap();
    assert_eq!(letters.class_names()[letters.labels()[1] as usize], "z");
    let error = of(EmnistSubset::Digits).load().unwrap_err().to_string();
    assert!(error.ends_with("labels: expected 0 to 9, found 10 at index 0"), "{error}");
    assert!(matches!(of(EmnistSubset::Mnist).load(), Err(Error::NotFound { .. })));
}

fn records(labels: &[u32]) -> Vec<u8> {
    labels.iter().flat_map(|label| [*label, 77]).flat_map(u32::to_be_bytes).collect()
}

#[test]
fn qmnist_takes_the_digit_of_each_record() {
    let count = 10_003;
    let pixels: Vec<u8> = (0..count).map(|index| (index % 251) as u8).collect();
    let labels: Vec<u32> = (0..count).map(|index| index % 10).collect();
    let (_kept, folder) = folder(&[
        ("qmnist-test-images-idx3-ubyte", idx(8, &[count, 1, 1], &pixels)),
        ("qmnist-test-labels-idx2-int", idx(12, &[count, 2], &records(&labels))),
        ("xnist-images-idx3-ubyte", idx(8, &[1, 1, 1], &[1])),
        ("xnist-labels-idx2-int", idx(12, &[1, 2], &records(&[256]))),
    ]);
    let of = |what| Qmnist { what, folder: folder.clone() };
    assert_eq!(of(QmnistSubset::Test).load().unwrap().len(), 10_003);
    assert_eq!(of(QmnistSubset::Test10k).load().unwrap().len(), 10_000);
    let rest = of(QmnistSubset::Test50k).load().unwrap();
    assert_eq!(rest.labels(), [0, 1, 2]);
    assert_eq!(rest.sample(2).unwrap().pixels.bytes(), [(10_002 % 251) as u8]);
    let error = of(QmnistSubset::Nist).load().unwrap_err().to_string();
    assert!(error.ends_with("first of each row: expected 0 to 255, found the bytes 00000100"), "{error}");
    assert!(matches!(of(QmnistSubset::Train).load(), Err(Error::NotFound { .. })));
}

fn cifar(labels: &[u8], value: u8) -> Vec<u8> {
    [labels, &[value; 3072]].concat()
}

fn cifar10(folder: &Path, split: Split) -> selvedge_data::Result<selvedge_data::ImageBytes> {
    Cifar10 { split, folder: Some(folder.to_path_buf()) }.load()
}

#[test]
fn cifar_10_reads_its_batches_in_order() {
    let batch =
        |number: u8| (format!("cifar-10-batches-bin/data_batch_{number}.bin"), cifar(&[number], number));
    let batches: Vec<_> = (1..=5).map(batch).collect();
    let files: Vec<_> = batches.iter().map(|(name, bytes)| (&**name, bytes.clone())).collect();
    let (kept, _) = folder(&files);
    let dataset = cifar10(kept.path(), Split::Train).unwrap();
    assert_eq!(dataset.labels(), [1, 2, 3, 4, 5]);
    assert_eq!(dataset.shape(), Shape::new(3, 32, 32));
    assert_eq!(dataset.sample(4).unwrap().pixels.bytes(), [5; 3072]);
    assert_eq!(dataset.class_names()[1], "automobile");
    let error = cifar10(kept.path(), Split::Test).unwrap_err().to_string();
    assert!(
        error.contains("cifar-10-batches-bin: without test_batch.bin\nFetch them, or put data_batch_1.bin, "),
        "{error}"
    );
}

#[test]
fn cifar_10_refuses_broken_records() {
    for (bytes, part) in [
        (vec![], "length: expected a whole number of records of 3073 bytes, found 0 bytes"),
        (cifar(&[1], 0)[1..].to_vec(), "found 3072 bytes"),
        ([cifar(&[1], 0), cifar(&[10], 0)].concat(), "labels: expected 0 to 9, found 10 in record 1"),
    ] {
        let (kept, _) = folder(&[("test_batch.bin", bytes)]);
        let error = cifar10(kept.path(), Split::Test).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn cifar_100_uses_the_fine_label() {
    let names: String = (0..100).map(|number| format!("name {number}\n")).collect();
    let file = ("train.bin", cifar(&[19, 99], 3));
    for (files, name) in
        [(vec![file.clone(), ("fine_label_names.txt", names.into_bytes())], "name 99"), (vec![file], "99")]
    {
        let (kept, _) = folder(&files);
        let dataset =
            Cifar100 { folder: Some(kept.path().to_path_buf()), ..Cifar100::train() }.load().unwrap();
        assert_eq!(dataset.labels(), [99]);
        assert_eq!(dataset.class_names()[99], name);
    }
}

#[test]
fn names_of_another_number_of_classes_are_refused() {
    let (kept, _) =
        folder(&[("train.bin", cifar(&[1, 2], 0)), ("fine_label_names.txt", b"apple\n".to_vec())]);
    let error = Cifar100 { folder: Some(kept.path().to_path_buf()), ..Cifar100::train() }.load().unwrap_err();
    assert!(error.to_string().ends_with("lines: expected 100 names of classes, found 1"), "{error}");
}

/// What was noted when a file was unpacked holds whenever it is loaded, whoever changed it.
#[test]
fn a_noted_digest_is_held_to() {
    let sums =
        |digest: &str| format!("{digest}  t10k-images-idx3-ubyte\n{digest} *test_batch.bin\n").into_bytes();
    let (_kept, folder) = folder(&[
        ("t10k-images-idx3-ubyte", idx(8, &[1, 1, 1], &[10])),
        ("t10k-labels-idx1-ubyte", idx(8, &[1], &[9])),
        ("test_batch.bin", cifar(&[1], 0)),
        ("SHA256SUMS", sums("0000")),
    ]);
    let kmnist = Kmnist { folder: folder.clone(), ..Kmnist::test() };
    let cifar = Cifar10 { folder: folder.clone(), ..Cifar10::test() };
    for error in [kmnist.load().unwrap_err(), cifar.load().unwrap_err()] {
        assert!(
            error.to_string().contains("SHA-256: expected 0000, as noted in SHA256SUMS, found "),
            "{error}"
        );
    }
    let noted = folder.unwrap().join("SHA256SUMS");
    fs::write(&noted, "").unwrap();
    assert!(kmnist.load().is_ok() && cifar.load().is_ok(), "what nobody noted is held to its form alone");
}
