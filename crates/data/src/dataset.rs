use std::sync::Arc;

use crate::{Result, Sample};

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

    /// Whether there are no samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
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
