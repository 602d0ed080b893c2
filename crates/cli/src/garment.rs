use std::path::Path;

use anyhow::Result;
use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};
use selvedge_data::{ImageFolderOptions, read_image};

/// Pixels along each edge of a Fashion-MNIST image.
pub(crate) const EDGE: u32 = 28;

/// How a picture from elsewhere relates to the data, whose garments are bright on black.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Invert {
    /// Where the border of the picture is brighter than its middle tone
    Auto,
    /// Always: the garment is dark on a bright ground
    Always,
    /// Never: the garment is bright on a dark ground
    Never,
}

/// Reads a PNG, JPEG or WebP of any size as a garment: grey, bright on black, the longer edge scaled to 28
/// pixels and the shorter one centred. It is turned as its EXIF metadata say. An image of 28 × 28 that is bright on black comes through unchanged.
pub(crate) fn read(path: &Path, invert: Invert) -> Result<GrayImage> {
    // A photograph of an upright garment is often stored lying.
    let options = ImageFolderOptions { apply_exif_orientation: true, ..ImageFolderOptions::default() };
    let image = read_image(path, &options)?;
    let mut image = match image.color().has_alpha() {
        // What is transparent shows the ground of the data.
        true => on_ground(&image.into_luma_alpha8(), invert),
        false => image.into_luma8(),
    };
    if invert == Invert::Always || (invert == Invert::Auto && border(&image) > 127) {
        imageops::invert(&mut image);
    }
    Ok(fit(&image))
}

/// Lays the image on black, or on white where it is going to be inverted.
fn on_ground(image: &image::GrayAlphaImage, invert: Invert) -> GrayImage {
    let ground = if invert == Invert::Always { 255 } else { 0 };
    GrayImage::from_fn(image.width(), image.height(), |x, y| {
        let [luma, alpha] = image.get_pixel(x, y).0.map(u32::from);
        Luma([((luma * alpha + ground * (255 - alpha)) / 255) as u8])
    })
}

/// The median of the pixels at the edges.
fn border(image: &GrayImage) -> u8 {
    let (width, height) = image.dimensions();
    let mut edge: Vec<u8> = image
        .enumerate_pixels()
        .filter(|(x, y, _)| *x == 0 || *y == 0 || *x + 1 == width || *y + 1 == height)
        .map(|(_, _, pixel)| pixel.0[0])
        .collect();
    edge.sort_unstable();
    edge.get(edge.len() / 2).copied().unwrap_or(0)
}

fn fit(image: &GrayImage) -> GrayImage {
    let (width, height) = image.dimensions();
    if (width, height) == (EDGE, EDGE) {
        return image.clone();
    }
    let longest = width.max(height).max(1);
    let scaled = |edge: u32| ((edge * EDGE + longest / 2) / longest).max(1);
    let small = imageops::resize(image, scaled(width), scaled(height), FilterType::Triangle);
    let mut square = GrayImage::new(EDGE, EDGE);
    let centre = |edge: u32| i64::from((EDGE - edge) / 2);
    imageops::replace(&mut square, &small, centre(small.width()), centre(small.height()));
    square
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(image: &GrayImage, name: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        image.save(&path).unwrap();
        (folder, path)
    }

    fn square_on(ground: u8, garment: u8, edge: u32) -> GrayImage {
        let inside = |at: u32| (edge / 4..3 * edge / 4).contains(&at);
        GrayImage::from_fn(edge, edge, |x, y| Luma([if inside(x) && inside(y) { garment } else { ground }]))
    }

    #[test]
    fn an_image_of_the_data_is_unchanged() {
        let image = square_on(0, 200, EDGE);
        let (_folder, path) = saved(&image, "garment.png");
        assert_eq!(read(&path, Invert::Auto).unwrap(), image);
    }

    #[test]
    fn a_photograph_on_white_is_inverted_and_scaled() {
        let (_folder, path) = saved(&square_on(255, 55, 112), "photo.png");
        let image = read(&path, Invert::Auto).unwrap();
        assert_eq!(image.dimensions(), (EDGE, EDGE));
        assert_eq!((image.get_pixel(0, 0).0, image.get_pixel(14, 14).0), ([0], [200]));
    }

    #[test]
    fn a_tall_image_is_centred() {
        let (_folder, path) = saved(&GrayImage::from_pixel(10, 56, Luma([90])), "tall.png");
        let image = read(&path, Invert::Never).unwrap();
        assert_eq!(image.get_pixel(0, 14).0, [0]);
        assert_eq!(image.get_pixel(14, 0).0, [90]);
    }

    fn field(name: &str) -> std::path::PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "tests/images", name].iter().collect()
    }

    #[test]
    fn a_photograph_that_is_stored_lying_is_turned() {
        let upright = read(&field("trouser.jpg"), Invert::Auto).unwrap();
        let turned = read(&field("trouser_exif6.jpg"), Invert::Auto).unwrap();
        let distance = |(one, other): (&u8, &u8)| u64::from(one.abs_diff(*other));
        let total: u64 = upright.iter().zip(turned.iter()).map(distance).sum();
        // Both were compressed, which is a few tones at most; unturned they differ by 73 for each pixel.
        assert!(total < u64::from(3 * EDGE * EDGE), "{total}");
    }

    #[test]
    fn half_a_photograph_is_refused() {
        let message = read(&field("trouser_truncated.jpg"), Invert::Auto).unwrap_err().to_string();
        assert!(message.contains("trouser_truncated.jpg") && message.contains("cut short"), "{message}");
    }

    #[test]
    fn a_picture_that_says_it_is_huge_is_refused_before_it_is_decoded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge.png");
        // The first chunk of a PNG, grey, with its checksum; nothing follows that could be decoded.
        for (edge, crc, expected) in [
            (20_000_u32, 0xc61b19e5_u32, "at most 178956970 pixels"),
            // The decoder's own limit comes first.
            (u32::MAX >> 1, 0x31a254ba, "Memory limit exceeded"),
        ] {
            let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
            png.extend([edge.to_be_bytes(), edge.to_be_bytes()].concat());
            png.extend([8, 0, 0, 0, 0]);
            png.extend(crc.to_be_bytes());
            png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
            std::fs::write(&path, png).unwrap();
            let message = format!("{:#}", read(&path, Invert::Auto).unwrap_err());
            assert!(message.contains("huge.png") && message.contains(expected), "{message}");
        }
    }

    #[test]
    fn a_file_that_is_no_image_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.png");
        std::fs::write(&path, "no image").unwrap();
        let message = format!("{:#}", read(&path, Invert::Auto).unwrap_err());
        assert!(message.contains("notes.png: image: expected a whole PNG, JPEG or WebP file"), "{message}");
    }
}
