use selvedge_data::{Dataset, ImageFolder, ImageFolderOptions};

use crate::folder::{file, folder, read};

/// So that a whole image has not much to decode.
const OPTIONS: ImageFolderOptions = ImageFolderOptions { max_pixels: 1 << 18, apply_exif_orientation: true };

/// Decodes the bytes as the one image of a folder; tells whether they are one.
pub fn image_folder(bytes: &[u8]) -> bool {
    let classes = folder("classes");
    folder("classes/one");
    let path = file("classes/one/image.png", bytes);
    let dataset = ImageFolder::with(classes, OPTIONS).unwrap();
    let sample = read(&path, dataset.sample(0));
    if let Some(sample) = &sample {
        assert_eq!(sample.pixels.len(), sample.shape.numel());
        assert!(sample.shape.numel() as u64 <= 3 * OPTIONS.max_pixels);
    }
    sample.is_some()
}
