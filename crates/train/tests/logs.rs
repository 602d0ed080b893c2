//! The observers that write logs: what is in a line, and that a training that goes on does not write one twice.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

use std::fs;

use selvedge_data::{ImageBytes, Loader, LoaderOptions, Shape};
use selvedge_nn::{Flatten, Linear, ModuleExt, Sequential};
use selvedge_train::trainer::{
    Compile, FitOptions, JsonLines, MetricsLog, MetricsRow, Observers, PredictionLog, PredictionRow,
    StatisticsLog, StatisticsRow, Training, fit, predict,
};
use selvedge_train::{Adam, CrossEntropyLoss, Optimizer, TrainError};
use serde::de::DeserializeOwned;

fn rows<T: DeserializeOwned>(file: &JsonLines) -> Vec<T> {
    let text = fs::read_to_string(file.path()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_log_has_its_lines_and_is_cut_where_a_training_goes_on() {
    tch::manual_seed(3);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| JsonLines::new(folder.path().join(name));
    let images = ImageBytes::new(Shape::new(1, 2, 2), (0..160).collect(), vec![0; 40], vec![]).unwrap();
    let loader = Loader::new(images, LoaderOptions { batch_size: 8, ..LoaderOptions::default() }).unwrap();
    let model = Sequential::new().then(Flatten::default()).then(Linear::new(4, 2));
    let mut optimizer = Optimizer::new(model.parameters(), Adam::default()).unwrap();
    let loss = CrossEntropyLoss::default();
    let mut training = Training::new(&model, &loss, &mut optimizer, &loader);
    training.validation = Some(&loader);
    let shown = loader.epoch(0).next().unwrap().unwrap().images;
    let mut metrics = MetricsLog { file: file("metrics") };
    let mut statistics = StatisticsLog { file: file("statistics"), every: 3 };
    let mut predictions = PredictionLog { file: file("predictions"), images: shown.shallow_clone() };
    let compile = Compile::Off;
    let options = FitOptions {
        epochs: 2,
        evaluate_every: Some(2),
        measures: 2.into(),
        compile,
        ..FitOptions::default()
    };
    let mut observers = Observers::<TrainError>(vec![&mut metrics, &mut statistics, &mut predictions]);
    fit(&mut training, &options, &mut observers).unwrap();

    let found: Vec<MetricsRow> = rows(&metrics.file);
    let places: Vec<_> = found.iter().map(|row| (row.epoch, row.step, row.train_loss.is_some())).collect();
    let expected = [(0, 2, false), (0, 4, false), (0, 5, true), (1, 6, false), (1, 8, false), (1, 10, true)];
    assert_eq!(places, expected);
    assert!(found.iter().all(|row| row.evaluation.as_ref().unwrap().images == 40 && row.lrs == [1e-3]));

    let found: Vec<StatisticsRow> = rows(&statistics.file);
    assert_eq!(found.iter().map(|row| row.step).collect::<Vec<_>>(), [3, 6, 9]);
    let weight = &found[2].parameters[0];
    assert_eq!(weight.name, "1.weight");
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    assert!(weight.gradient.unwrap().norm > 0.0 && weight.values.min < weight.values.max);
    let bias = &selvedge_train::trainer::statistics(&model)[1];
    let values = Vec::<f32>::try_from(&model.parameters()[1]).unwrap();
    let (low, high) = (f64::from(values[0].min(values[1])), f64::from(values[0].max(values[1])));
    near(bias.values.min, low);
    near(bias.values.max, high);
    near(bias.values.mean, (low + high) / 2.0);
    near(bias.values.std, (high - low) / 2.0);
    near(bias.values.norm, (low * low + high * high).sqrt());

    let found: Vec<PredictionRow> = rows(&predictions.file);
    assert_eq!(found.len(), 2);
    let expected = Vec::<i64>::try_from(predict(&model, &shown).argmax(1, false)).unwrap();
    assert_eq!(found[1].classes, expected);
    assert!(found[1].confidences.iter().all(|share| (0.5..=1.0).contains(share)));

    // A kill has cut the last line off.
    let text = fs::read_to_string(metrics.file.path()).unwrap();
    fs::write(metrics.file.path(), &text[..text.len() - 9]).unwrap();
    metrics.file.cut_after(10).unwrap();
    assert_eq!(rows::<MetricsRow>(&metrics.file).len(), 5);
    metrics.file.cut_after(5).unwrap();
    assert_eq!(rows::<MetricsRow>(&metrics.file).len(), 3);
    file("nowhere").cut_after(5).unwrap();
    let error = JsonLines::new(folder.path().join("no/folder")).append(&1).unwrap_err().to_string();
    assert!(error.contains("no/folder"), "{error}");
}
