use tch::Tensor;

use super::{Average, ConfusionMatrix, Metric};

/// Declares a metric made of what was right, what was predicted and what was true of each class.
macro_rules! class_scores {
    ($($(#[$doc:meta])* $name:ident = $figure:expr;)*) => {
        $($(#[$doc])*
        ///
        /// 0 for a class where that divides by 0. Differs from scikit-learn's defaults: a class that never
        /// occurs counts in the macro average, as with `labels=range(classes)`.
        ///
        /// # Shapes
        ///
        /// `output` `[N, C, d1, ...]`, `target` `[N, d1, ...]` of kind `Int64`.
        #[derive(Debug)]
        pub struct $name {
            matrix: ConfusionMatrix,
            average: Average,
        }

        impl $name {
            /// Without samples.
            ///
            /// # Panics
            ///
            /// When `classes` is not positive.
            #[must_use]
            #[track_caller]
            pub fn new(classes: i64, average: Average) -> Self {
                Self { matrix: ConfusionMatrix::new(classes), average }
            }

            /// The figure of each class.
            #[must_use]
            pub fn per_class(&self) -> Vec<f64> {
                Self::per_class_of(&self.matrix)
            }

            /// The figure of each class, from a matrix that counts for several metrics.
            #[must_use]
            pub fn per_class_of(matrix: &ConfusionMatrix) -> Vec<f64> {
                if matrix.undefined() > 0 {
                    return vec![f64::NAN; matrix.classes() as usize];
                }
                ClassCounts::of(matrix).iter().map(|counts| counts.figure($figure)).collect()
            }

            /// The averaged figure, from a matrix that counts for several metrics; NaN without samples, and where a
            /// score was NaN.
            #[must_use]
            pub fn of(matrix: &ConfusionMatrix, average: Average) -> f64 {
                let classes = ClassCounts::of(matrix);
                let support: Vec<f64> = classes.iter().map(|counts| counts.actual).collect();
                if support.iter().sum::<f64>() == 0.0 || matrix.undefined() > 0 {
                    return f64::NAN;
                }
                let figures: Vec<f64> = classes.iter().map(|counts| counts.figure($figure)).collect();
                average.of(&figures, &support, || ClassCounts::sum(&classes).figure($figure))
            }
        }

        impl Metric for $name {
            fn update(&mut self, output: &Tensor, target: &Tensor) {
                self.matrix.update(output, target);
            }

            fn compute(&self) -> f64 {
                Self::of(&self.matrix, self.average)
            }

            fn reset(&mut self) {
                self.matrix.reset();
            }
        })*
    };
}

class_scores! {
    /// The share of what was taken for a class that is of it: `right / predicted`. scikit-learn's
    /// `precision_score`.
    ///
    /// ```
    /// use selvedge_train::metric::{Average, Metric, Precision};
    /// use tch::Tensor;
    ///
    /// let mut precision = Precision::new(2, Average::Macro);
    /// let output = Tensor::from_slice(&[0.9, 0.1, 0.8, 0.2]).reshape([2, 2]);
    /// precision.update(&output, &Tensor::from_slice(&[0_i64, 1]));
    /// assert_eq!(precision.per_class(), [0.5, 0.0]);
    /// assert_eq!(precision.compute(), 0.25);
    /// ```
    Precision = |counts| (counts.right, counts.predicted);
    /// The share of a class that was taken for it: `right / actual`. scikit-learn's `recall_score`.
    ///
    /// ```
    /// use selvedge_train::metric::{Average, Metric, Recall};
    /// use tch::Tensor;
    ///
    /// let mut recall = Recall::new(2, Average::Macro);
    /// let output = Tensor::from_slice(&[0.9, 0.1, 0.8, 0.2]).reshape([2, 2]);
    /// recall.update(&output, &Tensor::from_slice(&[0_i64, 1]));
    /// assert_eq!(recall.per_class(), [1.0, 0.0]);
    /// ```
    Recall = |counts| (counts.right, counts.actual);
    /// The harmonic mean of precision and recall: `2 right / (predicted + actual)`. scikit-learn's `f1_score`.
    ///
    /// ```
    /// use selvedge_train::metric::{Average, F1, Metric};
    /// use tch::Tensor;
    ///
    /// let mut f1 = F1::new(2, Average::Weighted);
    /// let output = Tensor::from_slice(&[0.9, 0.1, 0.8, 0.2]).reshape([2, 2]);
    /// f1.update(&output, &Tensor::from_slice(&[0_i64, 1]));
    /// assert_eq!(f1.per_class(), [2.0 / 3.0, 0.0]);
    /// ```
    F1 = |counts| (2.0 * counts.right, counts.predicted + counts.actual);
}

#[derive(Debug, Clone, Copy, Default)]
struct ClassCounts {
    right: f64,
    predicted: f64,
    actual: f64,
}

impl ClassCounts {
    fn of(matrix: &ConfusionMatrix) -> Vec<Self> {
        let counts = matrix.counts();
        (0..counts.len())
            .map(|class| Self {
                right: counts[class][class] as f64,
                predicted: counts.iter().map(|row| row[class] as f64).sum(),
                actual: counts[class].iter().map(|&count| count as f64).sum(),
            })
            .collect()
    }

    fn sum(classes: &[Self]) -> Self {
        classes.iter().fold(Self::default(), |sum, class| Self {
            right: sum.right + class.right,
            predicted: sum.predicted + class.predicted,
            actual: sum.actual + class.actual,
        })
    }

    fn figure(&self, ratio: impl Fn(&Self) -> (f64, f64)) -> f64 {
        let (above, below) = ratio(self);
        if below == 0.0 { 0.0 } else { above / below }
    }
}
