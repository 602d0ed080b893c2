//! Fashion-MNIST: the real files where they are on this machine, and bad ones anywhere.

use std::fs;
use std::path::Path;

use selvedge_data::{Dataset, Error, FashionMnist, Split};

fn from(folder: &Path) -> FashionMnist {
    FashionMnist { folder: Some(folder.to_path_buf()), ..FashionMnist::default() }
}

#[test]
fn a_file_that_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["train-images-idx3-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"];
    for name in names {
        fs::write(folder.path().join(name), []).unwrap();
    }
    let error = from(folder.path()).load().unwrap_err().to_string();
    let expected = format!("{}: without train-labels-idx1-ubyte", folder.path().display());
    assert!(error.contains(&expected), "{error}");
    assert!(error.contains("FashionMNIST/raw: not there"), "{error}");
}

#[test]
fn the_real_files_are_the_published_set() {
    for (set, count) in [(FashionMnist::train(), 60_000), (FashionMnist::test(), 10_000)] {
        let dataset = match set.load() {
            Ok(dataset) => dataset,
            Err(Error::NotFound { .. }) => {
                println!("skipped: Fashion-MNIST is not on this machine");
                return;
            }
            Err(error) => panic!("{error}"),
        };
        assert_eq!(dataset.len(), count);
        assert_eq!(dataset.class_names().len(), 10);
        for class in 0..10 {
            assert_eq!(dataset.labels().iter().filter(|&&label| label == class).count(), count / 10);
        }
    }
}

#[test]
fn the_first_training_images_are_a_boot_and_two_shirts() {
    if let Ok(dataset) = FashionMnist::train().load() {
        let names: Vec<_> =
            dataset.labels()[..3].iter().map(|&label| FashionMnist::CLASS_NAMES[label as usize]).collect();
        assert_eq!(names, ["Ankle boot", "T-shirt/top", "T-shirt/top"]);
    }
}

#[test]
fn an_empty_folder_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let error = from(folder.path()).load().unwrap_err();
    assert!(matches!(&error, Error::NotFound { tried, .. } if tried.len() == 2));
    let text = error.to_string();
    for part in
        [&folder.path().display().to_string(), "FashionMNIST/raw: not there", "train-images-idx3-ubyte"]
    {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_well_formed_file_of_other_bytes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let images = [&[0, 0, 8, 3][..], &[0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7]].concat();
    fs::write(folder.path().join("train-images-idx3-ubyte"), images).unwrap();
    fs::write(folder.path().join("train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 1, 7]).unwrap();
    let error = from(folder.path()).load().unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Checksum { length: 17, .. }), "{text}");
    assert!(text.contains("c59f468a2f67") && text.contains("train-images-idx3-ubyte"), "{text}");
}

#[test]
fn a_damaged_file_in_the_folder_is_an_error_not_a_missing_set() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("train-images-idx3-ubyte.gz"), b"\x1f\x8b\x08half").unwrap();
    fs::write(folder.path().join("train-labels-idx1-ubyte.gz"), b"").unwrap();
    let error = from(folder.path()).load().unwrap_err();
    assert!(matches!(error, Error::Format { what: "gzip data", .. }), "{error}");
}

#[test]
fn is_its_own_configuration() {
    let set: FashionMnist = serde_json::from_str(r#"{"split": "test"}"#).unwrap();
    assert_eq!(set, FashionMnist::test());
    assert_eq!(set.split, Split::Test);
    assert!(serde_json::from_str::<FashionMnist>(r#"{"split": "valid"}"#).is_err());
    assert!(serde_json::from_str::<FashionMnist>(r#"{"train": true}"#).is_err());
}
