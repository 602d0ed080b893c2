use crate::{Dataset, Error, Result, Sample, Shape};

/// Images of one size, held in memory as bytes.
#[derive(Debug, Clone)]
pub struct ImageBytes {
    shape: Shape,
    pixels: Vec<u8>,
    labels: Vec<i64>,
    class_names: Vec<String>,
}

impl ImageBytes {
    /// A dataset of `labels.len()` images that lie one after the other in `pixels`.
    ///
    /// # Errors
    ///
    /// When the pixels are not as many as the labels ask for, or a label has no class name (where there are
    /// class names).
    pub fn new(shape: Shape, pixels: Vec<u8>, labels: Vec<i64>, class_names: Vec<String>) -> Result<Self> {
        if Some(pixels.len()) != shape.numel().checked_mul(labels.len()) {
            return Err(Error::Shape {
                what: "pixels".to_owned(),
                expected: format!("{} images of shape {shape}", labels.len()),
                found: format!("{} bytes", pixels.len()),
            });
        }
        let known = |label: i64| usize::try_from(label).is_ok_and(|label| label < class_names.len());
        if let Some(label) = labels.iter().find(|&&label| !class_names.is_empty() && !known(label)) {
            return Err(Error::option("label", format!("0 to {}", class_names.len() - 1), label));
        }
        Ok(Self { shape, pixels, labels, class_names })
    }

    /// Without the images from number `end` on.
    pub(crate) fn truncated(mut self, end: usize) -> Self {
        self.labels.truncate(end);
        self.pixels.truncate(self.labels.len() * self.shape.numel());
        self
    }

    /// Without the images before number `start`.
    pub(crate) fn without_first(mut self, start: usize) -> Self {
        let start = start.min(self.labels.len());
        self.labels.drain(..start);
        self.pixels.drain(..start * self.shape.numel());
        self
    }

    /// The size of each image.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// All images, one after the other.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// All labels.
    #[must_use]
    pub fn labels(&self) -> &[i64] {
        &self.labels
    }
}

impl Dataset for ImageBytes {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn sample(&self, index: usize) -> Result<Sample<'_>> {
        let label = self.labels[index];
        let size = self.shape.numel();
        Ok(Sample::new(self.shape, &self.pixels[index * size..(index + 1) * size], label))
    }

    fn label(&self, index: usize) -> Result<i64> {
        Ok(self.labels[index])
    }

    fn class_names(&self) -> Vec<&str> {
        self.class_names.iter().map(String::as_str).collect()
    }
}
