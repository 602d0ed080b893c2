//! The metrics, over batches of every size, against scikit-learn's figures.

use std::collections::BTreeSet;

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_train::metric::{
    Accuracy, Average, AveragePrecision, Brier, CalibrationError, Classification, ConfusionMatrix, F1,
    LogLoss, MeanLoss, Measures, Metric, Precision, Recall, RocAuc, Scores, TopK,
};
use serde::de::DeserializeOwned;
use tch::{Device, Kind, Tensor};

/// Shows a metric the samples of a case in batches, and gives its figures.
type Run = fn(&Case, i64) -> Vec<f64>;

const METRICS: &[(&str, Run)] = &[
    ("Accuracy", |case, batch| figure(Accuracy::default(), case, batch)),
    ("TopK", |case, batch| figure(TopK::new(option(case, "k")), case, batch)),
    ("Precision", |case, batch| match average(case) {
        Some(average) => figure(Precision::new(option(case, "classes"), average), case, batch),
        None => shown(Precision::new(option(case, "classes"), Average::Macro), case, batch).per_class(),
    }),
    ("Recall", |case, batch| match average(case) {
        Some(average) => figure(Recall::new(option(case, "classes"), average), case, batch),
        None => shown(Recall::new(option(case, "classes"), Average::Macro), case, batch).per_class(),
    }),
    ("F1", |case, batch| match average(case) {
        Some(average) => figure(F1::new(option(case, "classes"), average), case, batch),
        None => shown(F1::new(option(case, "classes"), Average::Macro), case, batch).per_class(),
    }),
    ("ConfusionMatrix", |case, batch| {
        let mut matrix = ConfusionMatrix::new(option(case, "classes"));
        batches(case, batch, |output, target| matrix.update(output, target));
        matrix.counts().concat().into_iter().map(|count| count as f64).collect()
    }),
    ("RocAuc", |case, batch| figure(RocAuc::new(option(case, "average")), case, batch)),
    ("AveragePrecision", |case, batch| figure(AveragePrecision::new(option(case, "average")), case, batch)),
    ("LogLoss", |case, batch| figure(LogLoss::new(option(case, "scores")), case, batch)),
    ("Brier", |case, batch| figure(Brier::new(option(case, "scores")), case, batch)),
    ("CalibrationError", |case, batch| {
        figure(CalibrationError::new(option(case, "bins"), option(case, "scores")), case, batch)
    }),
];

fn option<T: DeserializeOwned>(case: &Case, name: &str) -> T {
    serde_json::from_value(case.options[name].clone())
        .unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

fn average(case: &Case) -> Option<Average> {
    option(case, "average")
}

fn figure(metric: impl Metric, case: &Case, batch: i64) -> Vec<f64> {
    vec![shown(metric, case, batch).compute()]
}

fn shown<M: Metric>(mut metric: M, case: &Case, batch: i64) -> M {
    // What came before a reset does not count.
    metric.update(&case.tensor("output"), &case.tensor("target"));
    metric.reset();
    batches(case, batch, |output, target| metric.update(output, target));
    metric
}

fn batches(case: &Case, batch: i64, mut update: impl FnMut(&Tensor, &Tensor)) {
    for (output, target) in
        case.tensor("output").split(batch, 0).iter().zip(case.tensor("target").split(batch, 0))
    {
        update(output, &target);
    }
}

#[test]
fn figures_are_scikit_learns_whatever_the_batches() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/metrics.safetensors"));
    let mut checked = BTreeSet::new();
    for case in &golden.cases {
        let (name, run) = METRICS.iter().find(|(name, _)| *name == case.unit).expect("a metric of ours");
        checked.insert(*name);
        let expected = case.tensor("expected").flatten(0, -1);
        for batch in [1, 7, 1000] {
            let found = Tensor::from_slice(&run(case, batch));
            assert_close(&format!("{} in batches of {batch}", case.name), &found, &expected, 1e-9);
        }
    }
    let missing: Vec<_> =
        METRICS.iter().map(|(name, _)| name).filter(|name| !checked.contains(*name)).collect();
    assert!(missing.is_empty(), "{} of {} metrics have cases, not {missing:?}", checked.len(), METRICS.len());
}

#[test]
fn without_samples_there_is_no_figure() {
    let metrics: Vec<Box<dyn Metric>> = vec![
        Box::new(Accuracy::default()),
        Box::new(TopK::new(1)),
        Box::new(Precision::new(2, Average::Macro)),
        Box::new(Recall::new(2, Average::Micro)),
        Box::new(F1::new(2, Average::Weighted)),
        Box::new(RocAuc::default()),
        Box::new(AveragePrecision::default()),
        Box::new(LogLoss::default()),
        Box::new(Brier::default()),
        Box::new(CalibrationError::default()),
    ];
    for mut metric in metrics {
        assert!(metric.compute().is_nan());
        metric.reset();
        assert!(metric.compute().is_nan());
    }
    assert!(MeanLoss::default().compute().is_nan());
}

#[test]
fn single_precision_is_summed_in_double() {
    let mut loss = MeanLoss::default();
    for _ in 0..1000 {
        loss.update(&Tensor::from(0.1_f32), 64);
    }
    assert!((loss.compute() - f64::from(0.1_f32)).abs() < 1e-15);
}

#[test]
fn an_area_without_positives_is_not_defined() {
    let mut area = RocAuc::default();
    area.update(&Tensor::from_slice(&[0.1, 0.2]), &Tensor::from_slice(&[0_i64, 0]));
    assert!(area.compute().is_nan());
    let mut precision = AveragePrecision::default();
    precision.update(&Tensor::from_slice(&[0.1, 0.2]), &Tensor::from_slice(&[0_i64, 0]));
    assert_eq!(precision.compute(), 0.0);
}

#[test]
fn what_is_kept_does_not_follow_the_callers_tensor() {
    let mut area = RocAuc::default();
    let mut scores = Tensor::from_slice(&[0.1, 0.9]);
    area.update(&scores, &Tensor::from_slice(&[0_i64, 1]));
    let _ = scores.neg_();
    assert_eq!(area.compute(), 1.0);
}

#[test]
fn pixels_are_samples() {
    let rows = Tensor::from_slice(&[0.9, 0.1, 0.2, 0.8, 0.6, 0.4, 0.3, 0.7]).reshape([4, 2]);
    let target = Tensor::from_slice(&[0_i64, 0, 1, 1]);
    let image = rows.reshape([1, 2, 2, 2]).permute([0, 3, 1, 2]);
    let figures = |output: &Tensor, target: &Tensor| {
        let (mut log_loss, mut brier) = (LogLoss::new(Scores::Probabilities), Brier::default());
        log_loss.update(output, target);
        brier.update(output, target);
        (log_loss.compute(), brier.compute())
    };
    assert_eq!(figures(&image, &target.reshape([1, 2, 2])), figures(&rows, &target));
}

#[test]
fn bins_hold_every_sample() {
    let mut error = CalibrationError::new(4, Scores::Probabilities);
    let output = Tensor::from_slice(&[0.75, 0.25, 0.0, 1.0, 0.9, 0.1]).reshape([3, 2]);
    error.update(&output, &Tensor::from_slice(&[0_i64, 1, 1]));
    let bins = error.bins();
    assert_eq!(bins.iter().map(|bin| bin.count).collect::<Vec<_>>(), [0, 0, 1, 2]);
    assert_eq!((bins[2].confidence, bins[2].accuracy), (0.75, 1.0));
    assert!(
        (bins[3].confidence - 0.95).abs() < 1e-12 && bins[3].accuracy == 0.5 && bins[0].accuracy.is_nan()
    );
}

#[test]
#[should_panic(expected = "LogLoss: expected targets from 0 to 1, found one out of range")]
fn log_loss_refuses_a_target_out_of_range() {
    LogLoss::default().update(&scores(&[0, 1], 2), &Tensor::from_slice(&[0_i64, 2]));
}

#[test]
#[should_panic(expected = "RocAuc: expected output as before, of size [2], found [2, 2]")]
fn area_refuses_outputs_that_change() {
    let mut area = RocAuc::default();
    let target = Tensor::from_slice(&[0_i64, 1]);
    area.update(&Tensor::from_slice(&[0.1, 0.2]), &target);
    area.update(&scores(&[0, 1], 2), &target);
}

#[test]
#[should_panic(expected = "MeanLoss: expected a loss of one value, found the size [2]")]
fn mean_loss_refuses_losses_that_are_not_reduced() {
    MeanLoss::default().update(&Tensor::from_slice(&[0.1, 0.2]), 2);
}

/// Scores whose highest is that of the given class.
fn scores(predicted: &[i64], classes: i64) -> Tensor {
    Tensor::from_slice(predicted).one_hot(classes).to_kind(Kind::Float)
}

#[test]
fn accuracy_does_not_depend_on_the_batches() {
    let (predicted, target) = ([0, 1, 2, 2, 1, 0, 1], [0_i64, 1, 1, 2, 1, 2, 0]);
    for size in 1..=7 {
        let mut accuracy = Accuracy::default();
        for (predicted, target) in predicted.chunks(size).zip(target.chunks(size)) {
            accuracy.update(&scores(predicted, 3), &Tensor::from_slice(target));
        }
        assert_eq!(accuracy.compute(), 4.0 / 7.0);
    }
}

#[test]
fn accuracy_of_nothing_is_not_a_number() {
    let mut accuracy = Accuracy::default();
    assert!(accuracy.compute().is_nan());
    accuracy.update(&scores(&[1], 2), &Tensor::from_slice(&[1_i64]));
    accuracy.reset();
    assert!(accuracy.compute().is_nan());
}

#[test]
fn confusion_matrix_has_true_classes_as_rows() {
    let mut matrix = ConfusionMatrix::new(3);
    matrix.update(&scores(&[0, 1, 2, 2], 3), &Tensor::from_slice(&[0_i64, 1, 1, 2]));
    matrix.update(&scores(&[1, 0, 1], 3), &Tensor::from_slice(&[1_i64, 2, 0]));
    assert_eq!(matrix.counts(), [[1, 1, 0], [0, 2, 1], [1, 0, 1]]);
    matrix.reset();
    assert_eq!(matrix.counts(), [[0; 3]; 3]);
}

#[test]
fn confusion_matrix_takes_pixels() {
    let mut matrix = ConfusionMatrix::new(2);
    let output = scores(&[0, 1, 1, 0], 2).reshape([1, 2, 2, 2]).permute([0, 3, 1, 2]);
    matrix.update(&output, &Tensor::from_slice(&[0_i64, 1, 0, 0]).reshape([1, 2, 2]));
    assert_eq!(matrix.counts(), [[2, 1], [0, 1]]);
}

#[test]
#[should_panic(expected = "ConfusionMatrix: expected targets from 0 to 2")]
fn confusion_matrix_refuses_a_target_out_of_range() {
    ConfusionMatrix::new(3).update(&scores(&[0], 3), &Tensor::from_slice(&[3_i64]));
}

#[test]
#[should_panic(expected = "ConfusionMatrix: expected targets from 0 to 2")]
fn confusion_matrix_refuses_a_negative_target() {
    ConfusionMatrix::new(3).update(&scores(&[1], 3), &Tensor::from_slice(&[-1_i64]));
}

#[test]
#[should_panic(expected = "Accuracy: expected target of size [2], found [2, 1]")]
fn accuracy_refuses_a_column_of_targets() {
    let target = Tensor::zeros([2, 1], (Kind::Int64, Device::Cpu));
    Accuracy::default().update(&scores(&[0, 1], 2), &target);
}

/// Every metric, of three classes, or of the scores of the positive class where `binary`.
fn every_metric(binary: bool) -> Vec<(&'static str, Box<dyn Metric>)> {
    let mut metrics: Vec<(&'static str, Box<dyn Metric>)> = Vec::new();
    for average in [Average::Macro, Average::Micro, Average::Weighted] {
        metrics.push(("RocAuc", Box::new(RocAuc::new(average))));
        metrics.push(("AveragePrecision", Box::new(AveragePrecision::new(average))));
        if !binary {
            metrics.push(("Precision", Box::new(Precision::new(3, average))));
            metrics.push(("Recall", Box::new(Recall::new(3, average))));
            metrics.push(("F1", Box::new(F1::new(3, average))));
        }
    }
    if !binary {
        metrics.push(("Accuracy", Box::new(Accuracy::default())));
        metrics.extend([1, 2, 3].map(|k| ("TopK", Box::new(TopK::new(k)) as Box<dyn Metric>)));
        for scores in [Scores::Logits, Scores::Probabilities] {
            metrics.push(("LogLoss", Box::new(LogLoss::new(scores))));
            metrics.push(("Brier", Box::new(Brier::new(scores))));
            metrics.push(("CalibrationError", Box::new(CalibrationError::new(15, scores))));
        }
    }
    metrics
}

#[test]
fn figures_of_nan_scores_are_nan() {
    let plain = || {
        let rows = [0.7f32, 0.2, 0.1, 0.1, 0.8, 0.1, 0.3, 0.3, 0.4, 0.2, 0.5, 0.3];
        Tensor::from_slice(&rows).reshape([4, 3])
    };
    let targets = Tensor::from_slice(&[0_i64, 1, 2, 2]);
    let with_nan = |places: &[(i64, i64)]| {
        let scores = plain();
        for &(row, class) in places {
            let _ = scores.get(row).get(class).fill_(f64::NAN);
        }
        scores
    };
    let all: Vec<(i64, i64)> = (0..12).map(|place| (place / 3, place % 3)).collect();
    // One that is the target's, one that is not, a row, and all of them.
    for places in [&[(0, 0)][..], &[(3, 0)], &[(1, 0), (1, 1), (1, 2)], &all] {
        let scores = with_nan(places);
        for (name, mut metric) in every_metric(false) {
            // The batch with the NaN comes first, or last.
            for batches in [[&scores, &plain()], [&plain(), &scores]] {
                metric.reset();
                batches.into_iter().for_each(|batch| metric.update(batch, &targets));
                assert!(metric.compute().is_nan(), "{name} of {places:?} is {}", metric.compute());
            }
            metric.reset();
            metric.update(&plain(), &targets);
            assert!(metric.compute().is_finite(), "{name} after a reset is {}", metric.compute());
        }
        let positive = scores.select(1, 0);
        for (name, mut metric) in every_metric(true) {
            metric.update(&positive, &targets.clamp_max(1));
            let expected = bool::try_from(positive.isnan().any()).unwrap();
            assert_eq!(metric.compute().is_nan(), expected, "{name} of {positive}");
        }
        let mut together = Classification::new(Measures { mistakes: 4, ..3.into() });
        together.update(&scores, &targets);
        let [roc_auc, average_precision] = together.areas();
        let classes = [together.precision(), together.recall(), together.f1()];
        assert!(classes.iter().all(|figures| figures.per_class.iter().all(|figure| figure.is_nan())));
        let averages = classes.iter().chain([&roc_auc, &average_precision]);
        let averages = averages.flat_map(|all| [all.macro_average, all.micro_average, all.weighted_average]);
        let others = [together.accuracy(), together.log_loss(), together.brier(), together.calibration().0];
        let top_k = together.top_k().into_iter().map(|top_k| top_k.accuracy);
        let others = others.into_iter().chain(top_k);
        assert!(averages.chain(others).all(f64::is_nan));
        assert!(together.mistakes().iter().all(|mistake| mistake.confidence.is_finite()));
    }
}

#[test]
fn infinite_scores_still_have_an_order() {
    let scores = Tensor::from_slice(&[f32::INFINITY, 0.0, f32::NEG_INFINITY, 1.0]).reshape([2, 2]);
    let targets = Tensor::from_slice(&[0_i64, 1]);
    let metrics: [Box<dyn Metric>; 3] =
        [Box::new(Accuracy::default()), Box::new(TopK::new(1)), Box::new(RocAuc::default())];
    for mut metric in metrics {
        metric.update(&scores, &targets);
        assert_eq!(metric.compute(), 1.0);
    }
}
