mod concat;
mod image_bytes;
mod image_folder;
mod split;
mod subset;
mod tensor;

use std::sync::Arc;

pub use concat::Concat;
pub use image_bytes::ImageBytes;
pub use image_folder::{ImageFolder, ImageFolderOptions};
pub use split::{Parts, random_split, stratified_split};
pub use subset::Subset;
pub use tensor::TensorDataset;

use crate::{Error, Result, Sample};

/// Numbered samples; PyTorch's map-style `Dataset`.
///
/// Samples may lie in memory, as in [`ImageBytes`](crate::ImageBytes), or be made when they are asked for. A
/// dataset is shared by the threads that load from it.
///
/// ```
/// use selvedge_data::{Dataset, Loader, LoaderOptions, Result, Sample, Shape};
///
/// /// Squares of one grey, the brighter the higher the class.
/// struct Greys;
///
/// impl Dataset for Greys {
///     fn len(&self) -> usize {
///         100
///     }
///
///     fn sample(&self, index: usize) -> Result<Sample<'_>> {
///         let label = index % 10;
///         Ok(Sample::new(Shape::new(1, 4, 4), vec![25 * label as u8; 16], label as i64))
///     }
/// }
///
/// let loader = Loader::new(Greys, LoaderOptions { batch_size: 32, ..LoaderOptions::default() })?;
/// let sizes: Vec<_> = loader.epoch(0).map(|batch| Ok(batch?.images.size())).collect::<Result<_>>()?;
/// assert_eq!(sizes[0], [32, 1, 4, 4]);
/// assert_eq!(sizes[3], [4, 1, 4, 4]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
pub trait Dataset: Send + Sync {
    /// The number of samples.
    fn len(&self) -> usize;

    /// The sample of a number below [`len`](Self::len).
    ///
    /// # Errors
    ///
    /// When the sample can not be had, such as an image file that does not decode;
    /// [`Error::other`](crate::Error::other) carries an error of your own.
    ///
    /// # Panics
    ///
    /// May panic when there is no such sample.
    fn sample(&self, index: usize) -> Result<Sample<'_>>;

    /// The label of a sample. Worth writing where making the whole sample is slow.
    ///
    /// # Errors
    ///
    /// As [`sample`](Self::sample).
    fn label(&self, index: usize) -> Result<i64> {
        Ok(self.sample(index)?.label)
    }

    /// The names of the classes by number; empty where they have none.
    fn class_names(&self) -> Vec<&str> {
        Vec::new()
    }

    /// All labels.
    ///
    /// # Errors
    ///
    /// As [`sample`](Self::sample).
    fn labels(&self) -> Result<Vec<i64>> {
        let label =
            |index| self.label(index).map_err(|source| Error::Sample { index, source: Box::new(source) });
        (0..self.len()).map(label).collect()
    }

    /// How many samples each class has: as many counts as class names, or, where there are none, as the
    /// highest label asks for.
    ///
    /// # Errors
    ///
    /// As [`sample`](Self::sample), and when a label is no class: negative, or beyond the class names.
    fn class_counts(&self) -> Result<Vec<usize>> {
        let labels = self.labels()?;
        let named = self.class_names().len();
        // A label so high would be a mistake, and its counts would fill the memory.
        let end = if named > 0 { named } else { 1 << 24 };
        let classes = labels.iter().max().map_or(0, |&highest| highest.saturating_add(1).max(0));
        let mut counts = vec![0; named.max(usize::try_from(classes).unwrap_or(usize::MAX).min(end))];
        for (index, label) in labels.into_iter().enumerate() {
            let class = usize::try_from(label).ok().filter(|&class| class < end);
            let source = || Box::new(Error::option("label", format!("0 to {}", end - 1), label));
            counts[class.ok_or_else(|| Error::Sample { index, source: source() })?] += 1;
        }
        Ok(counts)
    }

    /// Whether there are no samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A weight for each class that makes up for how seldom it is: `samples / (classes · count)`, scikit-learn's
/// `class_weight="balanced"`. Classes without samples count neither way and get 0.
///
/// ```
/// assert_eq!(selvedge_data::balanced_class_weights(&[1, 3, 0]), [2.0, 2.0 / 3.0, 0.0]);
/// ```
#[must_use]
pub fn balanced_class_weights(counts: &[usize]) -> Vec<f64> {
    let samples: usize = counts.iter().sum();
    let classes = counts.iter().filter(|&&count| count > 0).count();
    let weight = |&count: &usize| match count {
        0 => 0.0,
        count => samples as f64 / (classes as f64 * count as f64),
    };
    counts.iter().map(weight).collect()
}

macro_rules! forward_to_inner {
    ($($holder:ty),*) => {$(
        impl<D: Dataset + ?Sized> Dataset for $holder {
            fn len(&self) -> usize {
                (**self).len()
            }

            fn sample(&self, index: usize) -> Result<Sample<'_>> {
                (**self).sample(index)
            }

            fn label(&self, index: usize) -> Result<i64> {
                (**self).label(index)
            }

            fn class_names(&self) -> Vec<&str> {
                (**self).class_names()
            }
        }
    )*};
}

forward_to_inner!(&D, Arc<D>, Box<D>);
