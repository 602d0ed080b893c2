//! Runs side by side.

#![allow(clippy::unwrap_used)]

use selvedge_report::{About, Comparison, Epoch, HeldOut, Measured, Run};
use serde_json::{Value, json};

fn run(name: &str, config: Value, accuracies: &[f64]) -> Run {
    let epoch = |(at, &accuracy): (usize, &f64)| Epoch {
        epoch: at + 1,
        step: 10 * (at as u64 + 1),
        train_loss: 0.5,
        measured: Measured::on(HeldOut::Test, 1.0 - accuracy, accuracy),
        seconds: 2.0,
    };
    Run {
        name: name.to_owned(),
        config,
        about: About { training_images: 1000, ..About::default() },
        epochs: accuracies.iter().enumerate().map(epoch).collect(),
        steps: vec![],
        statistics: vec![],
        samples: None,
        predictions: vec![],
        findings: None,
        first_layer: None,
    }
}

fn compared() -> Comparison {
    Comparison::of(&[
        run("mlp", json!({"optimizer": {"type": "Adam", "lr": 0.1}, "seed": 0}), &[0.5, 0.8, 0.7]),
        run("<b>", json!({"optimizer": {"type": "SGD", "lr": 0.1}, "seed": 0}), &[0.6, 0.75]),
        run("mlp", json!({"optimizer": {"type": "SGD", "lr": 0.1}, "seed": 0, "more": [1]}), &[]),
    ])
    .unwrap()
}

#[test]
fn the_figures_of_the_last_epoch_are_compared() {
    let comparison = compared();
    assert_eq!(comparison.names, ["mlp", "<b>", "mlp (2)"]);
    let row = |name: &str| {
        let row = comparison.figures.iter().find(|row| row.name == name).unwrap();
        (row.values.join("|").replace('\u{a0}', " "), row.best.clone())
    };
    assert_eq!(row("Test accuracy"), ("70.00 %|75.00 %|–".to_owned(), vec![false, true, false]));
    assert_eq!(row("Highest test accuracy"), ("80.00 %|75.00 %|–".to_owned(), vec![true, false, false]));
    assert_eq!(row("Test loss"), ("0.3000|0.2500|–".to_owned(), vec![false, true, false]));
    // The same in all that have it: none is the best.
    assert_eq!(row("Training loss").1, [false; 3]);
    assert_eq!(row("Images per second").0, "500|500|–");
    assert!(!comparison.figures.iter().any(|row| row.name == "Calibration error"));
}

#[test]
fn the_words_tell_what_was_held_out() {
    let validated = |name: &str| {
        let mut run = run(name, json!({}), &[0.5]);
        run.epochs[0].measured = Measured::on(HeldOut::Validation, 0.4, 0.6);
        run
    };
    let names = |runs: &[Run]| {
        let figures = Comparison::of(runs).unwrap().figures;
        figures.iter().take(3).map(|row| row.name.clone()).collect::<Vec<_>>().join(", ")
    };
    let same = names(&[validated("a"), validated("b")]);
    assert_eq!(same, "Validation accuracy, Highest validation accuracy, Validation loss");
    let other = names(&[validated("a"), run("b", json!({}), &[0.5])]);
    assert_eq!(other, "Held-out accuracy, Highest held-out accuracy, Held-out loss");
}

#[test]
fn only_what_differs_in_the_configurations_is_shown() {
    let differences = compared().differences;
    let rows: Vec<_> = differences.iter().map(|row| (row.name.as_str(), row.values.join("|"))).collect();
    assert_eq!(rows, [("optimizer.type", "Adam|SGD|SGD".to_owned()), ("more", "–|–|[1]".to_owned())]);
}

#[test]
fn the_page_escapes_and_has_its_curves() {
    let page = compared().page;
    assert!(page.contains("&#60;b&#62;") && !page.contains("<li class=\"s1\"><b>"), "{page}");
    for id in ["accuracy", "held-out-loss", "training-loss"] {
        assert!(page.contains(&format!("<title id=\"{id}-title\">")), "{id}");
    }
    assert!(!page.contains("<script") && !page.contains("https://"));
}

#[test]
fn one_run_is_nothing_to_compare() {
    let message = Comparison::of(&[run("mlp", json!({}), &[0.5])]).unwrap_err().to_string();
    assert_eq!(message, "a comparison needs at least two runs, found 1");
}
