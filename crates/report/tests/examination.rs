//! What is found on a test set, against what a few numbers give by hand.

#![allow(clippy::unwrap_used)]

use std::error::Error;
use std::fs;
use std::ops::ControlFlow;

use image::GenericImageView;
use selvedge_data::{Compose, ImageBytes, Loader, LoaderOptions, Shape, ToTensor};
use selvedge_nn::{Flatten, Forward, Linear, Mode, Module, ModuleExt, Sequential};
use selvedge_report::{About, Environment, Findings, Journal, Run, page};
use selvedge_train::metric::Measures;
use selvedge_train::trainer::{Event, FitOptions, Training, evaluate, fit};
use selvedge_train::{CrossEntropyLoss, Optimizer, Sgd};
use tch::{Device, Kind, Tensor};

const CLASSES: [&str; 3] = ["one", "two", "three"];

/// Grey images of 2 × 2, the brighter the later.
fn images(labels: &[i64]) -> ImageBytes {
    let pixels = (0..labels.len()).flat_map(|image| [10 * image as u8; 4]).collect();
    let names = CLASSES.iter().map(|&name| name.to_owned()).collect();
    ImageBytes::new(Shape::new(1, 2, 2), pixels, labels.to_vec(), names).unwrap()
}

/// Takes an image for the row of probabilities that its brightness numbers.
#[derive(Debug, Module)]
struct Told {
    #[module(buffer)]
    rows: Tensor,
}

impl Forward for Told {
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        let number = (input.flatten(1, -1).mean_dim(&[1_i64][..], false, None) * 25.5).round();
        self.rows.index_select(0, &number.to_kind(Kind::Int64)).log()
    }
}

/// Two batches of two images, of which the third alone is recognised.
fn found() -> Findings {
    let rows = [0.7, 0.2, 0.1, 0.05, 0.9, 0.05, 0.1, 0.1, 0.8, 0.98, 0.01, 0.01];
    let model = Told { rows: Tensor::from_slice(&rows).view([4, 3]) };
    let options = LoaderOptions {
        batch_size: 2,
        transform: Compose::new([ToTensor.into()]),
        ..LoaderOptions::default()
    };
    let loader = Loader::new(images(&[1, 1, 2, 1]), options).unwrap();
    let measures = Measures { classes: 3, bins: 10, mistakes: 24, ..Measures::default() };
    let evaluation = evaluate(&model, &CrossEntropyLoss::default(), &loader, measures).unwrap();
    Findings::of(&evaluation, &CLASSES, loader.dataset()).unwrap()
}

#[test]
fn the_findings_are_what_the_numbers_give() {
    let findings = found();
    assert_eq!(findings.confusion, [[0, 0, 0], [2, 1, 0], [0, 0, 1]]);
    assert_eq!(findings.accuracy, 0.5);
    let loss = -(0.2_f64.ln() + 0.9_f64.ln() + 0.8_f64.ln() + 0.01_f64.ln()) / 4.0;
    assert!((findings.loss - loss).abs() < 1e-12);
    let two = findings.scores[1];
    assert_eq!((two.precision, two.recall, two.f1, two.support), (1.0, 1.0 / 3.0, 0.5, 3));
    // One image in each of four bins: |0 - 0.7|, |1 - 0.9|, |1 - 0.8| and |0 - 0.98|.
    assert!((findings.calibration_error - (0.7 + 0.1 + 0.2 + 0.98) / 4.0).abs() < 1e-12);
    assert_eq!(findings.calibration.iter().map(|bin| bin.count).sum::<u64>(), 4);

    let mistakes: Vec<_> = findings
        .mistakes
        .iter()
        .map(|found| (found.mistake.index, found.mistake.truth, found.mistake.predicted))
        .collect();
    assert_eq!(mistakes, [(3, 1, 0), (0, 1, 0)]);
    assert!((findings.mistakes[0].mistake.confidence - 0.98).abs() < 1e-12);
    assert!((findings.mistakes[0].mistake.truth_probability - 0.01).abs() < 1e-12);
    // It is the image of that number.
    let image = image::load_from_memory(&findings.mistakes[0].image.bytes()).unwrap();
    assert_eq!((image.dimensions(), image.get_pixel(1, 1).0[0]), ((2, 2), 30));
}

#[test]
fn the_findings_survive_their_file() {
    let findings = found();
    let text = serde_json::to_string(&findings).unwrap();
    // NaN of an empty bin is not equal to itself, so the texts are compared.
    let again: Findings = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
    assert!(again.calibration[0].accuracy.is_nan());
}

/// A whole run folder, written as a training does, and the page of it.
#[test]
fn a_journal_and_a_model_make_a_page_with_every_figure() {
    tch::manual_seed(0);
    let folder = tempfile::tempdir().unwrap();
    let model = Sequential::new().then(Flatten::default()).then(Linear::new(4, 3));
    let transform = Compose::new([ToTensor.into()]);
    let options = LoaderOptions { batch_size: 2, transform, ..LoaderOptions::default() };
    let loader = Loader::new(images(&[0, 1, 2, 1, 0, 2]), options).unwrap();

    let environment = Environment::here(Device::Cpu);
    let about = About { image: Shape::new(1, 2, 2), parameters: 15, environment, ..About::default() };
    let mut journal = Journal::begin(folder.path(), &about).unwrap();
    let loss = CrossEntropyLoss::default();
    let mut optimizer = Optimizer::new(model.parameters(), Sgd { lr: 0.25, ..Sgd::default() }).unwrap();
    let mut training = Training::new(&model, &loss, &mut optimizer, &loader);
    let measures = Measures { classes: 3, mistakes: 24, ..Measures::default() };
    let fitted = FitOptions { epochs: 1, log_every: 2, measures: measures.clone(), ..FitOptions::default() };
    let mut losses = Vec::new();
    let mut observer = |event: &Event<'_>, training: &Training<'_>| {
        if let Event::Stepped { loss, .. } = event {
            losses.push(loss.double_value(&[]));
        }
        journal.observe(event, training)?;
        Ok::<_, Box<dyn Error>>(ControlFlow::Continue(()))
    };
    fit(&mut training, &fitted, &mut observer).unwrap();
    let evaluation = evaluate(&model, &loss, &loader, measures).unwrap();
    let findings = Findings::of(&evaluation, &CLASSES, loader.dataset()).unwrap();
    journal.keep(&findings, &model).unwrap();
    model.state_dict().save(folder.path().join("model.safetensors")).unwrap();
    fs::write(folder.path().join("config.json"), "{}").unwrap();
    let row = r#"{"epoch":1,"train_loss":2.3,"test_loss":1.1,"test_accuracy":0.5,"seconds":0.5}"#;
    fs::write(folder.path().join("metrics.jsonl"), format!("{row}\n")).unwrap();

    let run = Run::read(folder.path()).unwrap();
    let steps: Vec<_> = run.steps.iter().map(|row| (row.step, row.epoch, row.lr)).collect();
    // Two steps, and the one that is left of the epoch.
    assert_eq!(steps, [(2, 4.0 / 6.0, 0.25), (3, 1.0, 0.25)]);
    assert!((run.steps[0].loss - (losses[0] + losses[1]) / 2.0).abs() < 1e-12);
    assert_eq!(run.steps[1].loss, losses[2]);
    let layer = run.first_layer.as_ref().unwrap();
    assert_eq!((layer.name.as_str(), layer.tiles, layer.tile), ("1.weight", 3, (2, 2)));

    let html = page(&run);
    for id in [
        "curves",
        "confusion",
        "classes",
        "calibration",
        "mistakes",
        "weights",
        "configuration",
        "environment",
    ] {
        assert!(html.contains(&format!("<section aria-labelledby=\"{id}-heading\" id=\"{id}\">")), "{id}");
    }
    for id in ["loss", "accuracy", "rate", "throughput", "calibration"] {
        assert!(html.contains(&format!("<title id=\"{id}-title\">")), "{id}");
    }
    assert!(!html.contains("<script") && !html.contains("http://") && !html.contains("https://"));

    // A training that goes on from a checkpoint after the second step tells the third again.
    let mut journal = Journal::begin(folder.path(), &about).unwrap();
    journal.go_on_after(2).unwrap();
    assert_eq!(Run::read(folder.path()).unwrap().steps.len(), 1);
}
