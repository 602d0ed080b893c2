use crate::{Dataset, Error, Result, Sample};

/// Some of the samples of another dataset, in an order of their own; PyTorch's `Subset`.
#[derive(Debug, Clone)]
pub struct Subset<D> {
    dataset: D,
    indices: Vec<usize>,
}

impl<D: Dataset> Subset<D> {
    /// The samples of these numbers.
    ///
    /// # Errors
    ///
    /// When the dataset has no sample of one of the numbers.
    pub fn new(dataset: D, indices: Vec<usize>) -> Result<Self> {
        match indices.iter().find(|&&index| index >= dataset.len()) {
            Some(index) => Err(Error::option("indices", format!("numbers below {}", dataset.len()), index)),
            None => Ok(Self { dataset, indices }),
        }
    }

    /// The numbers that the samples have in the other dataset.
    #[must_use]
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }
}

impl<D: Dataset> Dataset for Subset<D> {
    fn len(&self) -> usize {
        self.indices.len()
    }

    fn sample(&self, index: usize) -> Result<Sample<'_>> {
        self.dataset.sample(self.indices[index])
    }

    fn label(&self, index: usize) -> Result<i64> {
        self.dataset.label(self.indices[index])
    }

    fn class_names(&self) -> Vec<&str> {
        self.dataset.class_names()
    }
}
