//! The figures of an evaluation are those of the metrics one by one, and go through a file.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

use selvedge_data::{ImageBytes, Loader, LoaderOptions, Shape};
use selvedge_nn::Flatten;
use selvedge_train::metric::{
    Average, AveragePrecision, Brier, CalibrationError, F1, LogLoss, Measures, Metric, Precision, Recall,
    RocAuc, Scores, TopK,
};
use selvedge_train::trainer::{Evaluation, evaluate};
use selvedge_train::{CrossEntropyLoss, Loss};

const CLASSES: i64 = 4;

/// Images whose four bytes are the scores of four classes; the class 3 never occurs.
fn images(count: usize) -> ImageBytes {
    let byte = |index: usize| ((index * 7919 + index / 3 * 104_729) % 251) as u8;
    let bytes = (0..count * CLASSES as usize).map(byte).collect();
    let labels = (0..count).map(|index| (index * index % 3) as i64).collect();
    ImageBytes::new(Shape::new(1, 2, 2), bytes, labels, vec![]).unwrap()
}

fn evaluated(count: usize, batch_size: usize) -> Evaluation {
    let loader =
        Loader::new(images(count), LoaderOptions { batch_size, ..LoaderOptions::default() }).unwrap();
    let model = Flatten::default();
    evaluate(&model, &CrossEntropyLoss::default(), &loader, CLASSES).unwrap()
}

#[test]
fn each_figure_is_its_metrics_whatever_the_batches() {
    let loader =
        Loader::new(images(100), LoaderOptions { batch_size: 100, ..LoaderOptions::default() }).unwrap();
    let batch = loader.epoch(0).next().unwrap().unwrap();
    let (output, target) = (batch.images.flatten(1, -1), batch.labels);
    let figure = |mut metric: Box<dyn Metric>| {
        metric.update(&output, &target);
        metric.compute()
    };
    let loss = CrossEntropyLoss::default().forward(&output, &target).double_value(&[]);
    for batch_size in [100, 7] {
        let found = evaluated(100, batch_size);
        let same = |found: f64, expected: f64| {
            let near = (found - expected).abs() < 1e-6 || (found.is_nan() && expected.is_nan());
            assert!(near, "{found} {expected}");
        };
        assert_eq!(found.images, 100);
        same(found.loss, loss);
        for (at, k) in [2, 3].into_iter().enumerate() {
            assert_eq!(found.top_k[at].k, k);
            same(found.top_k[at].accuracy, figure(Box::new(TopK::new(k))));
        }
        assert_eq!(found.top_k.len(), 2, "a k that is not below the number of classes is left out");
        same(found.accuracy, figure(Box::new(TopK::new(1))));
        same(found.log_loss, figure(Box::<LogLoss>::default()));
        same(found.brier, figure(Box::<Brier>::default()));
        same(found.calibration_error, figure(Box::<CalibrationError>::default()));
        assert_eq!(found.calibration.iter().map(|bin| bin.count).sum::<u64>(), 100);
        for average in [Average::Macro, Average::Micro, Average::Weighted] {
            type New = fn(Average) -> Box<dyn Metric>;
            let metrics: [(&_, New); 5] = [
                (&found.precision, |average| Box::new(Precision::new(CLASSES, average))),
                (&found.recall, |average| Box::new(Recall::new(CLASSES, average))),
                (&found.f1, |average| Box::new(F1::new(CLASSES, average))),
                (&found.roc_auc, |average| Box::new(RocAuc::new(average))),
                (&found.average_precision, |average| Box::new(AveragePrecision::new(average))),
            ];
            for (figures, metric) in metrics {
                let found = match average {
                    Average::Macro => figures.macro_average,
                    Average::Micro => figures.micro_average,
                    Average::Weighted => figures.weighted_average,
                };
                same(found, figure(metric(average)));
                assert_eq!(figures.per_class.len(), CLASSES as usize);
            }
        }
        assert!(found.roc_auc.per_class[3].is_nan(), "no image is of the class 3");
    }
}

#[test]
fn an_evaluation_goes_through_a_file() {
    // Of three images and a class without any, some figures are not defined; of none, most are not.
    for count in [0, 3] {
        let found = evaluated(count, 2);
        let text = serde_json::to_string(&found).unwrap();
        assert!(text.contains("null"));
        let read: Evaluation = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
}

#[test]
fn measures_out_of_their_domain_are_refused() {
    let default = Measures::default;
    for (measures, option) in [
        (Measures { classes: 0, ..default() }, "classes"),
        (Measures { bins: -1, ..default() }, "bins"),
        (Measures { top_k: vec![3, 0], ..default() }, "top_k"),
    ] {
        let message = measures.validate().unwrap_err().to_string();
        assert!(message.contains(option), "{message}");
    }
    assert!(Measures { scores: Scores::Probabilities, ..default() }.validate().is_ok());
}
