use std::fs;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageError, ImageReader};

use crate::{Dataset, Error, Result, Sample, Shape};

/// Images in a folder per class, decoded when they are asked for; torchvision's `ImageFolder`.
///
/// The classes are the folders in `root` in the order of their names, and an image may lie at any depth below
/// its class. Each becomes red, green and blue bytes; the images may differ in size, so the transform has to
/// make them alike where a batch has several.
///
/// ```no_run
/// use selvedge_data::{Dataset, ImageFolder};
///
/// let garments = ImageFolder::new("garments")?; // garments/dress/1.png, garments/shirt/2.jpg, ...
/// assert_eq!(garments.class_names(), ["dress", "shirt"]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
///
/// Differs from torchvision: reads PNG, JPEG and WebP, told apart by their first bytes; BMP, PPM and TIFF are
/// passed over.
#[derive(Debug, Clone)]
pub struct ImageFolder {
    class_names: Vec<String>,
    images: Vec<(PathBuf, i64)>,
    options: ImageFolderOptions,
}

/// How an [`ImageFolder`] decodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFolderOptions {
    /// The most pixels that an image may say it has: a file of a few bytes can say that it has billions, which would
    /// fill the memory. Default: 178,956,970, above which Pillow raises a `DecompressionBombError`.
    pub max_pixels: u64,
}

impl Default for ImageFolderOptions {
    fn default() -> Self {
        // Half a gigabyte of red, green and blue.
        Self { max_pixels: (1 << 29) / 3 }
    }
}

const EXTENSIONS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

impl ImageFolder {
    /// [`with`](Self::with) the default options.
    ///
    /// # Errors
    ///
    /// As [`with`](Self::with).
    pub fn new(root: impl AsRef<Path>) -> Result<Self> {
        Self::with(root, ImageFolderOptions::default())
    }

    /// Lists the images below `root`, without opening them.
    ///
    /// # Errors
    ///
    /// When a folder can not be read, when there is no class folder, when one has no image, or when a link leads
    /// back to a folder that it is in.
    pub fn with(root: impl AsRef<Path>, options: ImageFolderOptions) -> Result<Self> {
        let root = root.as_ref();
        let mut class_names = Vec::new();
        let mut images = Vec::new();
        for class in entries(root)?.into_iter().filter(|path| path.is_dir()) {
            let label = class_names.len() as i64;
            let before = images.len();
            walk(&class, &mut Vec::new(), &mut |path| images.push((path, label)))?;
            if images.len() == before {
                let expected = format!("images ({})", EXTENSIONS.join(", "));
                return Err(empty(&class, "class folder", expected));
            }
            class_names.push(class.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
        if class_names.is_empty() {
            return Err(empty(root, "folder", "a folder for each class".to_owned()));
        }
        Ok(Self { class_names, images, options })
    }

    /// The file of each image, and its label.
    #[must_use]
    pub fn images(&self) -> &[(PathBuf, i64)] {
        &self.images
    }

    fn decode(&self, path: &Path) -> Result<DynamicImage> {
        let wrong =
            |expected, found| Error::Format { path: path.to_path_buf(), what: "image", expected, found };
        let damaged =
            |error: ImageError| wrong("a whole PNG, JPEG or WebP file".to_owned(), error.to_string());
        let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format);
        let decoder = reader.map_err(Error::io(path))?.into_decoder().map_err(damaged)?;
        // Its head is read by now, and no more.
        let (width, height) = decoder.dimensions();
        let max_pixels = self.options.max_pixels;
        if u64::from(width) * u64::from(height) > max_pixels {
            let found = format!("one of {width} by {height}");
            return Err(wrong(format!("an image of at most {max_pixels} pixels, the max_pixels"), found));
        }
        DynamicImage::from_decoder(decoder).map_err(damaged)
    }
}

fn empty(path: &Path, what: &'static str, expected: String) -> Error {
    Error::Format { path: path.to_path_buf(), what, expected, found: "none".to_owned() }
}

/// What is in a folder, in the order of the names.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(Error::io(folder))?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| Ok(entry.map_err(Error::io(folder))?.path())).collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

/// Finds the images of a folder, then those of the folders in it, as torchvision orders them. Links are followed;
/// `around` are the folders that this one is in, as they are without links.
fn walk(folder: &Path, around: &mut Vec<PathBuf>, found: &mut impl FnMut(PathBuf)) -> Result<()> {
    let real = fs::canonicalize(folder).map_err(Error::io(folder))?;
    if around.contains(&real) {
        // Two such links would be followed for ever.
        return Err(Error::Format {
            path: folder.to_path_buf(),
            what: "folder",
            expected: "no link to a folder that it is in".to_owned(),
            found: format!("a link to {}", real.display()),
        });
    }
    around.push(real);
    let (folders, files): (Vec<_>, Vec<_>) = entries(folder)?.into_iter().partition(|path| path.is_dir());
    files.into_iter().filter(|path| is_image(path)).for_each(&mut *found);
    folders.iter().try_for_each(|folder| walk(folder, around, found))?;
    around.pop();
    Ok(())
}

fn is_image(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

impl Dataset for ImageFolder {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn sample(&self, index: usize) -> Result<Sample<'_>> {
        let (path, label) = &self.images[index];
        let image = self.decode(path)?.into_rgb8();
        let shape = Shape::new(3, image.height() as usize, image.width() as usize);
        let (pixels, _) = image.as_raw().as_chunks::<3>();
        let planes = (0..3).flat_map(|channel| pixels.iter().map(move |pixel| pixel[channel]));
        Ok(Sample::new(shape, planes.collect::<Vec<u8>>(), *label))
    }

    fn label(&self, index: usize) -> Result<i64> {
        Ok(self.images[index].1)
    }

    fn class_names(&self) -> Vec<&str> {
        self.class_names.iter().map(String::as_str).collect()
    }
}
