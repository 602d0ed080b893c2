use tch::{Kind, Tensor};

use super::samples;

/// How often each class was taken for each class. scikit-learn's `confusion_matrix`.
///
/// ```
/// use selvedge_train::metric::ConfusionMatrix;
/// use tch::Tensor;
///
/// let mut matrix = ConfusionMatrix::new(2);
/// let output = Tensor::from_slice(&[0.9, 0.1, 0.2, 0.8]).reshape([2, 2]);
/// matrix.update(&output, &Tensor::from_slice(&[0_i64, 0]));
/// assert_eq!(matrix.counts(), [[1, 1], [0, 0]]);
/// ```
#[derive(Debug)]
pub struct ConfusionMatrix {
    classes: i64,
    counts: Option<Tensor>,
    /// How many rows of scores had a NaN, on the device.
    undefined: Option<Tensor>,
}

impl ConfusionMatrix {
    /// A matrix without samples.
    ///
    /// # Panics
    ///
    /// When `classes` is not positive.
    #[must_use]
    #[track_caller]
    pub fn new(classes: i64) -> Self {
        assert!(classes > 0, "ConfusionMatrix: expected at least one class, found {classes}");
        Self { classes, counts: None, undefined: None }
    }

    /// Counts a batch, where the predicted class is the one with the highest score.
    ///
    /// # Shapes
    ///
    /// `output` `[N, C, d1, ...]`, `target` `[N, d1, ...]` of kind `Int64`.
    ///
    /// # Panics
    ///
    /// When a size or kind is another, or on the CPU when a target is out of range.
    #[track_caller]
    pub fn update(&mut self, output: &Tensor, target: &Tensor) {
        let (rows, targets) = samples::rows("ConfusionMatrix", output, target);
        let (expected, found) = (self.classes, rows.size()[1]);
        assert!(found == expected, "ConfusionMatrix: expected scores of {expected} classes, found {found}");
        let undefined = samples::undefined(&rows).sum(Kind::Int64);
        let cells = targets * self.classes + rows.argmax(1, false);
        let empty = Tensor::zeros([self.classes * self.classes], (Kind::Int64, cells.device()));
        // Not bincount, which waits for the device to learn the highest value. A target out of range gives a
        // cell out of range.
        let counted = empty.f_scatter_add(0, &cells, &cells.ones_like());
        let Ok(counted) = counted else {
            panic!("ConfusionMatrix: expected targets from 0 to {}, found one out of range", expected - 1)
        };
        self.counts = Some(match self.counts.take() {
            Some(counts) => counts + counted,
            None => counted,
        });
        self.undefined = Some(match self.undefined.take() {
            Some(before) => before + undefined,
            None => undefined,
        });
    }

    /// How many samples had a NaN among their scores. They are counted as of the class of the first NaN, and the figures
    /// of such a matrix are NaN.
    #[must_use]
    pub fn undefined(&self) -> i64 {
        self.undefined.as_ref().map_or(0, |undefined| undefined.int64_value(&[]))
    }

    /// The counts: a row for each true class, a column for each predicted one.
    #[must_use]
    pub fn counts(&self) -> Vec<Vec<i64>> {
        let classes = self.classes as usize;
        let Some(counts) = &self.counts else {
            return vec![vec![0; classes]; classes];
        };
        let mut flat = vec![0; classes * classes];
        counts.copy_data(&mut flat, classes * classes);
        flat.chunks(classes).map(<[i64]>::to_vec).collect()
    }

    /// The number of classes.
    #[must_use]
    pub fn classes(&self) -> i64 {
        self.classes
    }

    /// Forgets all batches.
    pub fn reset(&mut self) {
        self.counts = None;
        self.undefined = None;
    }
}
