use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::average_precision::precision;
use super::ranking::Ranking;
use super::roc_auc::area;
use super::{
    Average, Brier, CalibrationBin, CalibrationError, ClassFigures, ConfusionMatrix, F1, LogLoss, Metric,
    Mistake, Precision, Recall, Scores, SurestMistakes, TopK, undefined,
};
use crate::TrainError;
use crate::domain::Domain;

/// What is kept for each of these lies in memory through an evaluation, and on the page.
const MOST_KEPT: usize = 10_000;

/// How the outputs of a classifier are measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Measures {
    /// The number of classes. Default: 10.
    pub classes: i64,
    /// What the outputs are. Default: logits or log-probabilities.
    pub scores: Scores,
    /// Among how many of the highest scores the target counts as found, beside the first. A number that is not
    /// below the number of classes says nothing, and is left out. Default: 2, 3 and 5.
    pub top_k: Vec<i64>,
    /// Bins of the calibration, at most 10,000. Default: 15.
    pub bins: i64,
    /// How many of the wrong predictions of the highest probability are kept, at most 10,000. Default: 0.
    pub mistakes: usize,
}

impl Default for Measures {
    fn default() -> Self {
        Self { classes: 10, scores: Scores::default(), top_k: vec![2, 3, 5], bins: 15, mistakes: 0 }
    }
}

impl From<i64> for Measures {
    /// The default for a number of classes.
    fn from(classes: i64) -> Self {
        Self { classes, ..Self::default() }
    }
}

impl Measures {
    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> Result<(), TrainError> {
        const DOMAIN: Domain = Domain("Measures");
        let positive = |option, value: i64| DOMAIN.require(value > 0, option, "a number from 1 on", value);
        positive("classes", self.classes)?;
        let count = "a number from 1 to 10000";
        DOMAIN.require((1..=MOST_KEPT as i64).contains(&self.bins), "bins", count, self.bins)?;
        DOMAIN.require(self.mistakes <= MOST_KEPT, "mistakes", "at most 10000", self.mistakes)?;
        self.top_k.iter().try_for_each(|&k| positive("top_k", k))
    }
}

/// Every figure of a classifier, of one pass over the samples.
///
/// The figures are those of the metrics one by one; together they share the confusion matrix and the ranking.
/// Those that are not defined are NaN, and `null` in a file.
///
/// ```
/// use selvedge_train::metric::Classification;
/// use tch::Tensor;
///
/// let mut measured = Classification::new(2.into());
/// let output = Tensor::from_slice(&[0.9, 0.1, 0.8, 0.2]).reshape([2, 2]);
/// measured.update(&output, &Tensor::from_slice(&[0_i64, 1]));
/// assert_eq!(measured.confusion.counts(), [[1, 0], [1, 0]]);
/// assert_eq!(measured.precision().per_class, [0.5, 0.0]);
/// ```
#[derive(Debug)]
pub struct Classification {
    /// How often each class was taken for each.
    pub confusion: ConfusionMatrix,
    log_loss: LogLoss,
    brier: Brier,
    calibration: CalibrationError,
    top_k: Vec<(i64, TopK)>,
    mistakes: SurestMistakes,
    ranking: Ranking,
}

/// The share of the samples whose class is among those with the `k` highest scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TopKAccuracy {
    /// How many of the highest scores count.
    pub k: i64,
    /// The share.
    #[serde(with = "undefined")]
    pub accuracy: f64,
}

impl Classification {
    /// Without samples.
    ///
    /// # Panics
    ///
    /// When a number in `measures` is not positive.
    #[must_use]
    #[track_caller]
    pub fn new(measures: Measures) -> Self {
        let Measures { classes, scores, top_k, bins, mistakes } = measures;
        Self {
            confusion: ConfusionMatrix::new(classes),
            log_loss: LogLoss::new(scores),
            brier: Brier::new(scores),
            calibration: CalibrationError::new(bins, scores),
            top_k: top_k.into_iter().filter(|&k| k < classes).map(|k| (k, TopK::new(k))).collect(),
            mistakes: SurestMistakes::new(mistakes, scores),
            ranking: Ranking::default(),
        }
    }

    /// Takes a batch into account.
    ///
    /// # Shapes
    ///
    /// `output` `[N, C]`, `target` `[N]` of kind `Int64`.
    ///
    /// # Panics
    ///
    /// As [`Metric::update`].
    #[track_caller]
    pub fn update(&mut self, output: &Tensor, target: &Tensor) {
        self.confusion.update(output, target);
        self.log_loss.update(output, target);
        self.brier.update(output, target);
        self.calibration.update(output, target);
        self.top_k.iter_mut().for_each(|(_, top_k)| top_k.update(output, target));
        self.mistakes.update(output, target);
        self.ranking.update("Classification", output, target);
    }

    /// The share of the samples whose class has the highest score.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        if self.confusion.undefined() > 0 {
            return f64::NAN;
        }
        let counts = self.confusion.counts();
        let right: i64 = counts.iter().enumerate().map(|(class, row)| row[class]).sum();
        right as f64 / counts.iter().flatten().sum::<i64>() as f64
    }

    /// The share of the samples whose class is among those with the highest scores.
    #[must_use]
    pub fn top_k(&self) -> Vec<TopKAccuracy> {
        self.top_k.iter().map(|(k, top_k)| TopKAccuracy { k: *k, accuracy: top_k.compute() }).collect()
    }

    /// [`Precision`].
    #[must_use]
    pub fn precision(&self) -> ClassFigures {
        self.class_figures(Precision::per_class_of, Precision::of)
    }

    /// [`Recall`].
    #[must_use]
    pub fn recall(&self) -> ClassFigures {
        self.class_figures(Recall::per_class_of, Recall::of)
    }

    /// [`F1`].
    #[must_use]
    pub fn f1(&self) -> ClassFigures {
        self.class_figures(F1::per_class_of, F1::of)
    }

    /// [`RocAuc`](super::RocAuc) and [`AveragePrecision`](super::AveragePrecision), each class against the rest.
    #[must_use]
    pub fn areas(&self) -> [ClassFigures; 2] {
        self.ranking.class_figures([area, precision])
    }

    /// [`LogLoss`].
    #[must_use]
    pub fn log_loss(&self) -> f64 {
        self.log_loss.compute()
    }

    /// [`Brier`].
    #[must_use]
    pub fn brier(&self) -> f64 {
        self.brier.compute()
    }

    /// [`CalibrationError`], and the bins that it is of.
    #[must_use]
    pub fn calibration(&self) -> (f64, Vec<CalibrationBin>) {
        (self.calibration.compute(), self.calibration.bins())
    }

    /// [`SurestMistakes`].
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        self.mistakes.found()
    }

    fn class_figures(
        &self,
        per_class: fn(&ConfusionMatrix) -> Vec<f64>,
        average: fn(&ConfusionMatrix, Average) -> f64,
    ) -> ClassFigures {
        ClassFigures {
            per_class: per_class(&self.confusion),
            macro_average: average(&self.confusion, Average::Macro),
            micro_average: average(&self.confusion, Average::Micro),
            weighted_average: average(&self.confusion, Average::Weighted),
        }
    }
}
