mod jpeg;

use std::io::{BufRead, Cursor, Read, Seek};
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};

use crate::{Error, ImageFolderOptions, Result};

/// Decodes an image file as [`ImageFolder`](crate::ImageFolder) does; torchvision's `io.decode_image`, for the colours
/// that the file has.
///
/// PNG, JPEG and WebP are told apart by their first bytes.
///
/// ```
/// use selvedge_data::{ImageFolderOptions, read_image};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("shirt.png");
/// # image::RgbImage::new(3, 2).save(&path).unwrap();
/// let options = ImageFolderOptions { apply_exif_orientation: true, ..ImageFolderOptions::default() };
/// let image = read_image(&path, &options)?;
/// assert_eq!((image.width(), image.height()), (3, 2));
/// # Ok::<(), selvedge_data::Error>(())
/// ```
///
/// # Errors
///
/// When the file cannot be read, is not a whole image of one of these formats, or has more pixels than the options
/// allow.
pub fn read_image(path: impl AsRef<Path>, options: &ImageFolderOptions) -> Result<DynamicImage> {
    let path = path.as_ref();
    let reader =
        ImageReader::open(path).and_then(ImageReader::with_guessed_format).map_err(Error::io(path))?;
    if reader.format() != Some(ImageFormat::Jpeg) {
        return decode(path, options, reader);
    }
    // The decoder of JPEG reads the whole file, too. It fills what is missing of the image with grey.
    let mut bytes = Vec::new();
    reader.into_inner().read_to_end(&mut bytes).map_err(Error::io(path))?;
    jpeg::check_whole(&bytes).map_err(|found| damaged(path, found))?;
    decode(path, options, ImageReader::with_format(Cursor::new(bytes), ImageFormat::Jpeg))
}

fn decode<R: BufRead + Seek>(
    path: &Path,
    options: &ImageFolderOptions,
    reader: ImageReader<R>,
) -> Result<DynamicImage> {
    let failed = |error: ImageError| damaged(path, error.to_string());
    let mut decoder = reader.into_decoder().map_err(failed)?;
    // Its head is read by now, and no more.
    let (width, height) = decoder.dimensions();
    let max_pixels = options.max_pixels;
    if u64::from(width) * u64::from(height) > max_pixels {
        let expected = format!("an image of at most {max_pixels} pixels, the max_pixels");
        return Err(wrong(path, expected, format!("one of {width} by {height}")));
    }
    // A pixel of 16 bits a channel takes up to eight bytes.
    let (bytes, most) = (decoder.total_bytes(), max_pixels.saturating_mul(4));
    if bytes > most {
        let expected = format!("an image of at most {most} bytes, four for each of max_pixels");
        return Err(wrong(path, expected, format!("one of {width} by {height} that takes {bytes} bytes")));
    }
    let orientation = match options.apply_exif_orientation {
        true => Some(decoder.orientation().map_err(failed)?),
        false => None,
    };
    let mut image = DynamicImage::from_decoder(decoder).map_err(failed)?;
    if let Some(orientation) = orientation {
        image.apply_orientation(orientation);
    }
    Ok(image)
}

fn damaged(path: &Path, found: String) -> Error {
    wrong(path, "a whole PNG, JPEG or WebP file".to_owned(), found)
}

fn wrong(path: &Path, expected: String, found: String) -> Error {
    Error::Format { path: path.to_path_buf(), what: "image", expected, found }
}
