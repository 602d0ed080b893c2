use std::path::Path;

use super::idx::Idx;
use crate::{Error, ImageBytes, Result, Shape};

impl ImageBytes {
    /// Reads the images of one IDX file and the labels of another, raw or gzip, whatever they hold.
    ///
    /// # Errors
    ///
    /// When a file can not be read or is not a whole IDX file, when there are not as many labels as images,
    /// or when a label has no class name (where there are class names).
    pub fn from_idx(
        images: impl AsRef<Path>,
        labels: impl AsRef<Path>,
        class_names: &[&str],
    ) -> Result<Self> {
        let (images, labels) = (images.as_ref(), labels.as_ref());
        paired((images, Idx::read(images, 3)?), (labels, Idx::read(labels, 1)?), class_names)
    }
}

/// The images of an image file with the labels of a label file.
pub(crate) fn paired(
    (images_path, images): (&Path, Idx),
    (labels_path, labels): (&Path, Idx),
    class_names: &[&str],
) -> Result<ImageBytes> {
    let wrong =
        |what, expected, found| Error::Format { path: labels_path.to_path_buf(), what, expected, found };
    let shape = Shape::new(1, images.dimensions[1], images.dimensions[2]);
    let count = images.dimensions[0];
    if labels.values.len() != count {
        let expected = format!("{count}, as there are images in {}", images_path.display());
        return Err(wrong("number of labels", expected, labels.values.len().to_string()));
    }
    let classes = class_names.len();
    let strange = |label: &u8| classes > 0 && usize::from(*label) >= classes;
    if let Some(index) = labels.values.iter().position(strange) {
        let found = format!("{} at index {index}", labels.values[index]);
        return Err(wrong("labels", format!("0 to {}", classes - 1), found));
    }
    ImageBytes::new(
        shape,
        images.values,
        labels.values.into_iter().map(i64::from).collect(),
        class_names.iter().map(|&name| name.to_owned()).collect(),
    )
}
