use std::fs;
use std::path::{Path, PathBuf};

use crate::{Dataset, Error, Result, Sample, Shape, read_image};

/// Images in a folder per class, decoded when they are asked for; torchvision's `ImageFolder`.
///
/// The classes are the folders in `root` in the order of their names, and an image may lie at any depth below
/// its class, in torchvision's order. Each becomes red, green and blue bytes; the images may differ in size, so the transform has to
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
    /// Whether an image is turned and mirrored as its EXIF metadata say, which cameras write for pictures that are taken
    /// upright. The argument of torchvision's `decode_image`. Default: false, as torchvision's `ImageFolder`
    /// does.
    pub apply_exif_orientation: bool,
}

impl Default for ImageFolderOptions {
    fn default() -> Self {
        // Half a gigabyte of red, green and blue.
        Self { max_pixels: (1 << 29) / 3, apply_exif_orientation: false }
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
            let mut folders = Vec::new();
            walk(&class, &mut Vec::new(), &mut folders)?;
            // By the whole path as a text, as torchvision sorts them: `a-b` comes before `a/b`, since `-` does before `/`.
            folders.sort_by(|(one, _), (other, _)| {
                one.as_os_str().as_encoded_bytes().cmp(other.as_os_str().as_encoded_bytes())
            });
            images.extend(folders.into_iter().flat_map(|(_, files)| files).map(|path| (path, label)));
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

/// Finds the folders below this one, itself among them, with the images that lie in each. Links are followed; `around`
/// are the folders that this one is in, as they are without links.
fn walk(folder: &Path, around: &mut Vec<PathBuf>, found: &mut Vec<(PathBuf, Vec<PathBuf>)>) -> Result<()> {
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
    let (folders, mut files): (Vec<_>, Vec<_>) = entries(folder)?.into_iter().partition(|path| path.is_dir());
    files.retain(|path| is_image(path));
    found.push((folder.to_path_buf(), files));
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
        let image = read_image(path, &self.options)?.into_rgb8();
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
