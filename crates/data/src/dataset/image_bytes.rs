use crate::{Dataset, Error, Result, Sample, Shape};

/// Images of one size, held in memory as bytes.
#[derive(Debug, Clone)]
pub struct ImageBytes {
    shape: Shape,
    pixels: Vec<u8>,
    labels: Labels,
    class_names: Vec<String>,
}

/// The labels of a dataset. Nearly always they fit into bytes; as many words would not fit beside the images in
/// the processor's cache, and shuffled look-ups would wait for them.
#[derive(Debug, Clone)]
enum Labels {
    Bytes(Vec<u8>),
    Words(Vec<i64>),
}

impl Labels {
    fn new(labels: Vec<i64>) -> Self {
        match labels.iter().map(|&label| u8::try_from(label)).collect() {
            Ok(bytes) => Self::Bytes(bytes),
            Err(_) => Self::Words(labels),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Bytes(labels) => labels.len(),
            Self::Words(labels) => labels.len(),
        }
    }

    fn get(&self, index: usize) -> i64 {
        match self {
            Self::Bytes(labels) => i64::from(labels[index]),
            Self::Words(labels) => labels[index],
        }
    }
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
        Ok(Self { shape, pixels, labels: Labels::new(labels), class_names })
    }

    /// Without the images from number `end` on.
    pub(crate) fn truncated(mut self, end: usize) -> Self {
        let mut labels = self.labels();
        labels.truncate(end);
        self.pixels.truncate(labels.len() * self.shape.numel());
        Self { labels: Labels::new(labels), ..self }
    }

    /// Without the images before number `start`.
    pub(crate) fn without_first(mut self, start: usize) -> Self {
        let start = start.min(self.labels.len());
        let labels = self.labels().split_off(start);
        self.pixels.drain(..start * self.shape.numel());
        Self { labels: Labels::new(labels), ..self }
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
    pub fn labels(&self) -> Vec<i64> {
        (0..self.labels.len()).map(|index| self.labels.get(index)).collect()
    }
}

impl Dataset for ImageBytes {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn sample(&self, index: usize) -> Result<Sample<'_>> {
        let label = self.labels.get(index);
        let size = self.shape.numel();
        Ok(Sample::new(self.shape, &self.pixels[index * size..(index + 1) * size], label))
    }

    fn label(&self, index: usize) -> Result<i64> {
        Ok(self.labels.get(index))
    }

    fn class_names(&self) -> Vec<&str> {
        self.class_names.iter().map(String::as_str).collect()
    }
}
