//! CIFAR in its binary form: records of one or two labels and 3 · 32 · 32 bytes.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Error, ImageBytes, Result, Shape, Split};

const SHAPE: Shape = Shape::new(3, 32, 32);

/// 60,000 colour images, 32 by 32, of ten classes; torchvision's `CIFAR10`.
///
/// Differs from torchvision: reads the binary version (`data_batch_1.bin` and so on), from a folder; does not
/// fetch it.
///
/// Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cifar10 {
    /// Which part.
    pub split: Split,
    /// The folder that holds the files, or one that holds it as `cifar-10-batches-bin`.
    pub folder: PathBuf,
}

impl Cifar10 {
    /// The names of the classes, by label.
    pub const CLASS_NAMES: [&'static str; 10] =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// Reads the images and labels into memory.
    ///
    /// # Errors
    ///
    /// When a file can not be read, is not a whole number of records, or has a label that is no class.
    pub fn load(&self) -> Result<ImageBytes> {
        let names: &[&str] = match self.split {
            Split::Train => &[
                "data_batch_1.bin",
                "data_batch_2.bin",
                "data_batch_3.bin",
                "data_batch_4.bin",
                "data_batch_5.bin",
            ],
            Split::Test => &["test_batch.bin"],
        };
        let folder = inner(&self.folder, "cifar-10-batches-bin");
        read(&folder, names, Labels { count: 1, used: 0 }, &Self::CLASS_NAMES)
    }
}

/// 60,000 colour images, 32 by 32, of a hundred classes; torchvision's `CIFAR100`.
///
/// Differs from torchvision: reads the binary version (`train.bin`, `test.bin`), from a folder; does not fetch
/// it.
///
/// Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cifar100 {
    /// Which part.
    pub split: Split,
    /// The folder that holds the files, or one that holds it as `cifar-100-binary`.
    pub folder: PathBuf,
}

impl Cifar100 {
    /// Reads the images and their fine labels into memory. The names of the classes are those of
    /// `fine_label_names.txt`, or the numbers where that is not there.
    ///
    /// # Errors
    ///
    /// When a file can not be read, is not a whole number of records, or has a label that is no class.
    pub fn load(&self) -> Result<ImageBytes> {
        let folder = inner(&self.folder, "cifar-100-binary");
        let text = fs::read_to_string(folder.join("fine_label_names.txt")).unwrap_or_default();
        let mut names: Vec<&str> = text.lines().map(str::trim).filter(|name| !name.is_empty()).collect();
        let numbers: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        if names.len() != numbers.len() {
            names = numbers.iter().map(String::as_str).collect();
        }
        let file = format!("{}.bin", self.split);
        read(&folder, &[&file], Labels { count: 2, used: 1 }, &names)
    }
}

/// The labels at the head of a record.
#[derive(Clone, Copy)]
struct Labels {
    count: usize,
    /// The number of the one that is used.
    used: usize,
}

fn inner(folder: &Path, name: &str) -> PathBuf {
    let inner = folder.join(name);
    if inner.is_dir() { inner } else { folder.to_path_buf() }
}

fn read(folder: &Path, names: &[&str], labels: Labels, class_names: &[&str]) -> Result<ImageBytes> {
    let record = labels.count + SHAPE.numel();
    let (mut pixels, mut classes) = (Vec::new(), Vec::new());
    for name in names {
        let path = folder.join(name);
        let bytes = fs::read(&path).map_err(Error::io(&path))?;
        let wrong = |what, expected, found| Error::Format { path: path.clone(), what, expected, found };
        if bytes.is_empty() || bytes.len() % record > 0 {
            let expected = format!("a whole number of records of {record} bytes");
            return Err(wrong("length", expected, format!("{} bytes", bytes.len())));
        }
        for (number, record) in bytes.chunks_exact(record).enumerate() {
            let (head, image) = record.split_at(labels.count);
            let class = head[labels.used];
            if usize::from(class) >= class_names.len() {
                let expected = format!("0 to {}", class_names.len() - 1);
                return Err(wrong("labels", expected, format!("{class} in record {number}")));
            }
            classes.push(i64::from(class));
            pixels.extend_from_slice(image);
        }
    }
    ImageBytes::new(SHAPE, pixels, classes, class_names.iter().map(|&name| name.to_owned()).collect())
}
