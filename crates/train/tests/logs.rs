//! The observers that write logs: what is in a line, and that a training that goes on does not write one twice.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use selvedge_data::{ImageBytes, Loader, LoaderOptions, Shape};
use selvedge_nn::{BatchNorm2d, Conv2d, Flatten, Linear, LogSoftmax, MaxPool2d, ModuleExt, Relu, Sequential};
use selvedge_train::trainer::{
    Compile, Event, FitOptions, JsonLines, MetricsLog, MetricsRow, Observers, PredictionLog, PredictionRow,
    RestoredRows, StatisticsLog, StatisticsRow, Training, fit, predict,
};
use selvedge_train::{Adam, CrossEntropyLoss, NllLoss, Optimizer, Sgd, TrainError};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// All tests draw from the generator of libtorch.
fn seeded() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    let guard = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    // A sum may be rounded differently with another number of threads.
    tch::set_num_threads(1);
    tch::manual_seed(3);
    guard
}

fn rows<T: DeserializeOwned>(file: &JsonLines) -> Vec<T> {
    let text = fs::read_to_string(file.path()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// In five batches, and a network for them.
fn forty_images() -> (Loader, Sequential) {
    let images = ImageBytes::new(Shape::new(1, 2, 2), (0..160).collect(), vec![0; 40], vec![]).unwrap();
    let loader = Loader::new(images, LoaderOptions { batch_size: 8, ..LoaderOptions::default() }).unwrap();
    (loader, Sequential::new().then(Flatten::default()).then(Linear::new(4, 2)))
}

#[test]
fn each_log_has_its_lines_and_is_cut_where_a_training_goes_on() {
    let _guard = seeded();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| JsonLines::new(folder.path().join(name));
    let (loader, model) = forty_images();
    let mut optimizer = Optimizer::new(model.parameters(), Adam::default()).unwrap();
    let loss = CrossEntropyLoss::default();
    let mut training = Training::new(&model, &loss, &mut optimizer, &loader);
    training.validation = Some(&loader);
    let shown = loader.epoch(0).next().unwrap().unwrap().images;
    let mut metrics = MetricsLog { file: file("metrics") };
    let mut statistics = StatisticsLog { file: file("statistics"), every: 3, gradients: true };
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
    let error = file("no/folder").append(&1).unwrap_err().to_string();
    assert!(error.contains("no/folder"), "{error}");
}

/// A damaged line in the middle costs itself, not those after it.
#[test]
fn a_damaged_line_is_reported_and_kept_aside_and_a_cut_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = JsonLines::new(folder.path().join("log.jsonl"));
    let good = |step: u64| format!("{{\"step\":{step},\"loss\":0.5}}\n").into_bytes();
    let damaged = [b"{\"step\":2,\"lo\xffs\":0.5}\n".to_vec(), b"{\"step\":3,\"los\n".to_vec()];
    let lines =
        [&good(1), &damaged[0], &damaged[1], &good(4), &good(9), &b"{\"st".to_vec()].map(|line| line.clone());
    fs::write(file.path(), lines.concat()).unwrap();
    let told = file.cut_after(4).unwrap();
    assert_eq!(told.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3], "{told:?}");
    assert_eq!(fs::read(file.path()).unwrap(), [good(1), good(4)].concat());
    assert_eq!(fs::read(file.damaged_path()).unwrap(), damaged.concat());
    assert!(file.cut_after(4).unwrap().is_empty());

    // With a copy, nothing is lost, and an altered number is found, too.
    let copy = [good(1), good(2), good(3), good(4)].concat();
    let altered = b"{\"step\":4,\"loss\":0.6}\n".to_vec();
    fs::write(
        file.path(),
        [&good(1), &damaged[0], &good(3), &altered, &good(5)].map(|line| line.clone()).concat(),
    )
    .unwrap();
    let told = file.restore(Some(&copy), 4).unwrap();
    assert_eq!(told.damaged.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4], "{told:?}");
    assert_eq!(told.restored, 2);
    assert_eq!(fs::read(file.path()).unwrap(), copy);
    assert_eq!(
        fs::read(file.damaged_path()).unwrap(),
        [damaged.concat(), damaged[0].clone(), altered].concat()
    );
    // Only rows that come again, the last one cut: nothing to report.
    fs::write(file.path(), [&copy[..], &good(5), b"{\"step\":6"].concat()).unwrap();
    assert_eq!(file.restore(Some(&copy), 4).unwrap(), RestoredRows::default());
    assert_eq!(fs::read(file.path()).unwrap(), copy);
    // Where nothing is resumed, later rows stay.
    fs::write(file.path(), [&good(1), &damaged[0], &good(3), &good(5)].map(|line| line.clone()).concat())
        .unwrap();
    let told = file.repair(Some(&copy), 4).unwrap();
    assert_eq!((told.damaged.len(), told.restored), (1, 2));
    assert_eq!(fs::read(file.path()).unwrap(), [copy.clone(), good(5)].concat());
    assert_eq!(file.repair(None, 0).unwrap(), RestoredRows::default());
    assert_eq!(fs::read(file.path()).unwrap(), [copy.clone(), good(5)].concat());
    // A run that begins anew.
    assert_eq!(file.restore(None, 0).unwrap(), RestoredRows::default());
    assert!(!file.path().exists());
}

#[test]
fn rows_that_another_program_removes_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = JsonLines::new(folder.path().join("log.jsonl"));
    // What was there before is what it begins with.
    fs::write(file.path(), "1\n").unwrap();
    file.append(&2).unwrap();
    file.append(&3).unwrap();
    file.check().unwrap();
    fs::write(file.path(), "1\n").unwrap();
    assert!(matches!(file.append(&4), Err(TrainError::LogChanged { expected: 6, found: 2, .. })));
    fs::remove_file(file.path()).unwrap();
    assert!(matches!(file.check(), Err(TrainError::LogChanged { expected: 6, found: 0, .. })));
    assert!(matches!(file.append(&4), Err(TrainError::LogChanged { expected: 6, found: 0, .. })));
}

/// The chapter's network.
fn linear() -> Sequential {
    let first = Sequential::new().then(Flatten::default()).then(Linear::new(784, 256)).then(Relu);
    let hidden = first.then(Linear::new(256, 128)).then(Relu);
    hidden.then(Linear::new(128, 10)).then(LogSoftmax { dim: Some(1) })
}

fn convolutional() -> Sequential {
    let hidden = Sequential::new().then(Conv2d::new(1, 6, 3)).then(BatchNorm2d::new(6)).then(Relu);
    let hidden = hidden.then(MaxPool2d::new(2)).then(Flatten::default());
    hidden.then(Linear::new(6 * 13 * 13, 10)).then(LogSoftmax { dim: Some(1) })
}

/// The lines of the log, whose last of each epoch is of 36 images in place of 64, and whether the steps were compiled.
fn statistics_of(network: fn() -> Sequential, compile: Compile, gradients: bool) -> (String, bool) {
    let _guard = seeded();
    let folder = tempfile::tempdir().unwrap();
    let bytes = (0..100 * 784).map(|index| (index * 7919 % 251) as u8).collect();
    let labels = (0..100).map(|index| index * 3 % 10).collect();
    let images = ImageBytes::new(Shape::new(1, 28, 28), bytes, labels, vec![]).unwrap();
    let options = LoaderOptions { batch_size: 64, shuffle: true, ..LoaderOptions::default() };
    let loader = Loader::new(images, options).unwrap();
    let (model, loss) = (network(), NllLoss::default());
    // A rule whose step is no larger than the gradient, so that rounding stays small.
    let sgd = Sgd { lr: 0.01, momentum: 0.9, ..Sgd::default() };
    let mut optimizer = Optimizer::new(model.parameters(), sgd).unwrap();
    let mut training = Training::new(&model, &loss, &mut optimizer, &loader);
    assert!(training.gradient(&model.parameters()[0]).is_none());
    let mut log = StatisticsLog { file: JsonLines::new(folder.path().join("log")), every: 1, gradients };
    let mut compiled = false;
    let mut watch = |event: &Event<'_>, training: &Training<'_>| {
        match event {
            Event::StepsChosen { refusal } => {
                compiled = refusal.is_none();
                assert!(training.gradient(&training.model.parameters()[0]).is_none(), "no step was made");
            }
            Event::Stepped { .. } => {
                let shapes = training.model.parameters().into_iter().map(|parameter| parameter.size());
                let gradients = training.model.parameters().into_iter();
                let gradients = gradients.map(|parameter| training.gradient(&parameter).unwrap().size());
                assert!(shapes.eq(gradients));
            }
            _ => {}
        }
        Ok(ControlFlow::Continue(()))
    };
    let options = FitOptions { epochs: 3, compile, ..FitOptions::default() };
    fit(&mut training, &options, &mut Observers::<TrainError>(vec![&mut log, &mut watch])).unwrap();
    (fs::read_to_string(log.file.path()).unwrap(), compiled)
}

/// Panics unless both say the same, numbers within rounding.
fn alike(found: &Value, expected: &Value) {
    match (found, expected) {
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len());
            found.iter().zip(expected).for_each(|(found, expected)| alike(found, expected));
        }
        (Value::Object(found), Value::Object(expected)) => {
            assert!(found.keys().eq(expected.keys()));
            found.values().zip(expected.values()).for_each(|(found, expected)| alike(found, expected));
        }
        (Value::Number(found), Value::Number(expected)) => {
            let [found, expected] = [found, expected].map(|number| number.as_f64().unwrap());
            // A mean of values that cancel has the rounding of the values.
            let tolerance = 1e-4 * expected.abs() + 1e-7;
            assert!((found - expected).abs() <= tolerance, "{found} and {expected}");
        }
        _ => assert_eq!(found, expected),
    }
}

#[test]
fn compiled_steps_have_the_gradients_of_ordinary_ones() {
    for network in [linear, convolutional] {
        let (compiled, were) = statistics_of(network, Compile::Auto, true);
        assert!(were);
        let (ordinary, were) = statistics_of(network, Compile::Off, true);
        assert!(!were && ordinary.lines().count() == 6);
        assert_eq!(compiled.lines().count(), 6);
        for (compiled, ordinary) in compiled.lines().zip(ordinary.lines()) {
            let [compiled, ordinary] =
                [compiled, ordinary].map(|line| serde_json::from_str::<Value>(line).unwrap());
            alike(&compiled, &ordinary);
        }
        assert!(!compiled.contains("null"), "each parameter has a gradient");
    }
}

#[test]
fn gradients_are_left_out_where_nobody_asks_for_them() {
    for compile in [Compile::Auto, Compile::Off] {
        let (log, _) = statistics_of(linear, compile, false);
        let rows: Vec<StatisticsRow> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(rows.iter().flat_map(|row| &row.parameters).all(|found| found.gradient.is_none()));
    }
}

/// The gradients of the training before are not those of the next.
#[test]
fn a_training_that_goes_on_with_ordinary_steps_has_their_gradients() {
    let _guard = seeded();
    let (loader, model) = forty_images();
    let mut optimizer = Optimizer::new(model.parameters(), Adam::default()).unwrap();
    let loss = CrossEntropyLoss::default();
    let mut training = Training::new(&model, &loss, &mut optimizer, &loader);
    let parameter = &model.parameters()[0];
    let mut nothing = |_: &Event<'_>, _: &Training<'_>| Ok::<_, TrainError>(ControlFlow::Continue(()));
    let options = FitOptions { epochs: 1, measures: 2.into(), ..FitOptions::default() };
    fit(&mut training, &options, &mut nothing).unwrap();
    assert!(!parameter.grad().defined(), "a backward would add to it");
    let before = training.gradient(parameter).unwrap().copy();
    let options = FitOptions { epochs: 2, compile: Compile::Off, ..options };
    fit(&mut training, &options, &mut nothing).unwrap();
    let found = training.gradient(parameter).unwrap();
    assert!(found == parameter.grad() && found != before);
    let options = FitOptions { epochs: 3, compile: Compile::Auto, ..options };
    fit(&mut training, &options, &mut nothing).unwrap();
    assert_ne!(training.gradient(parameter).unwrap(), found);
    assert!(!parameter.grad().defined());
}
