use crate::{Dataset, Error, Result, Sample};

/// Several datasets one after the other; PyTorch's `ConcatDataset`.
pub struct Concat {
    datasets: Vec<Box<dyn Dataset>>,
    /// The number of samples up to the end of each.
    ends: Vec<usize>,
}

impl Concat {
    /// These datasets, which have to agree on the names of the classes.
    ///
    /// # Errors
    ///
    /// When they do not.
    pub fn new(datasets: Vec<Box<dyn Dataset>>) -> Result<Self> {
        for pair in datasets.windows(2) {
            let (one, other) = (pair[0].class_names(), pair[1].class_names());
            if one != other {
                return Err(Error::option("datasets", format!("the classes {one:?}"), format!("{other:?}")));
            }
        }
        let ends = datasets
            .iter()
            .scan(0, |end, dataset| {
                *end += dataset.len();
                Some(*end)
            })
            .collect();
        Ok(Self { datasets, ends })
    }

    /// The dataset that holds a sample, and the sample's number in it.
    fn place(&self, index: usize) -> (&dyn Dataset, usize) {
        let number = self.ends.partition_point(|&end| end <= index);
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        (&*self.datasets[number], index - start)
    }
}

impl Dataset for Concat {
    fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    fn sample(&self, index: usize) -> Result<Sample<'_>> {
        let (dataset, index) = self.place(index);
        dataset.sample(index)
    }

    fn label(&self, index: usize) -> Result<i64> {
        let (dataset, index) = self.place(index);
        dataset.label(index)
    }

    fn class_names(&self) -> Vec<&str> {
        self.datasets.first().map_or_else(Vec::new, |dataset| dataset.class_names())
    }
}
