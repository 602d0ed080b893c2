use std::fs;
use std::path::Path;

use selvedge_data::Shape;
use selvedge_nn::{Linear, ModuleExt, Sequential};
use selvedge_report::{
    About, ClassScore, Environment, Epoch, Findings, HeldOut, ImageData, Measured, PicturedMistake,
    SampleImage, Samples, Step,
};
use selvedge_train::metric::{CalibrationBin, Mistake};
use selvedge_train::trainer::{ParameterStatistics, PredictionRow, Statistics, StatisticsRow};

/// The files of a run with everything in it.
pub(super) fn run_in(folder: &Path, lr: f64) {
    let put = |name: &str, text: String| fs::write(folder.join(name), text).unwrap();
    let about = About {
        network: "mlp".to_owned(),
        dataset: "FashionMNIST".to_owned(),
        parameters: 7850,
        training_images: 60_000,
        test_images: 10_000,
        validation_images: 0,
        image: Shape::new(1, 28, 28),
        environment: Environment::here(tch::Device::Cpu),
    };
    put("about.json", serde_json::to_string(&about).unwrap());
    put(
        "config.json",
        format!(r#"{{"optimizer": {{"type": "Adam", "lr": {lr}}}, "data": {{"folder": null}}}}"#),
    );
    let epochs = (1..=10).map(|epoch| Epoch {
        epoch,
        train_loss: 1.0 / epoch as f64 + lr,
        step: 40 * epoch as u64,
        measured: Measured::on(HeldOut::Test, 1.1 / epoch as f64, 0.9 - 0.3 / epoch as f64),
        seconds: 1.5,
    });
    put("metrics.jsonl", lines(epochs));
    let steps = (1..=400).map(|step| Step {
        step,
        epoch: step as f64 / 40.0,
        loss: 40.0 / (step as f64 + 20.0),
        lr,
        images_per_second: 40_000.0 + 100.0 * (step % 7) as f64,
    });
    put("steps.jsonl", lines(steps));
    put(
        "statistics.jsonl",
        lines((1..=40).map(|row| StatisticsRow { step: 10 * row, parameters: parameters(row) })),
    );
    put("samples.json", serde_json::to_string(&samples()).unwrap());
    put("predictions.jsonl", lines((1..=10).map(predictions)));
    put("test.json", serde_json::to_string(&findings()).unwrap());
    Sequential::new().then(Linear::new(784, 10)).state_dict().save(folder.join("model.safetensors")).unwrap();
}

/// Those of a network of five layers.
fn parameters(row: u64) -> Vec<ParameterStatistics> {
    let names = (0..5).flat_map(|layer| ["weight", "bias"].map(|part| format!("layers.{layer}.{part}")));
    let of = |norm: f64| Statistics { norm, mean: 0.0, std: 0.1, min: -0.3, max: 0.3 };
    let parameter = |(number, name): (usize, String)| ParameterStatistics {
        name,
        values: of(1.0 + number as f64 + 0.01 * row as f64),
        gradient: Some(of((1.0 + number as f64) / row as f64)),
    };
    names.enumerate().map(parameter).collect()
}

/// Sixteen images of a long name, each second of which is taken for another one.
fn samples() -> Samples {
    let sample = selvedge_data::Sample::new(Shape::new(1, 28, 28), vec![128_u8; 784], 0);
    let images = (0..16).map(|_| SampleImage { truth: 9, image: ImageData::of(&sample).unwrap() });
    let classes = selvedge_data::FashionMnist::CLASS_NAMES.map(str::to_owned).to_vec();
    Samples { classes, images: images.collect() }
}

fn predictions(row: u64) -> PredictionRow {
    let class = |image: u64| if image.is_multiple_of(2) && row > 1 { 9 } else { 0 };
    PredictionRow {
        step: 40 * row,
        classes: (0..16).map(class).collect(),
        confidences: vec![0.3 + 0.06 * row as f64; 16],
    }
}

fn lines(rows: impl Iterator<Item = impl serde::Serialize>) -> String {
    rows.map(|row| serde_json::to_string(&row).unwrap() + "\n").collect()
}

fn findings() -> Findings {
    let sample = selvedge_data::Sample::new(Shape::new(1, 28, 28), vec![128_u8; 784], 0);
    let confusion = |truth: i64, predicted: i64| match (truth - predicted).rem_euclid(10) {
        0 if truth == 6 => 450,
        0 => 700 + 30 * truth,
        1 => 300 - 30 * truth,
        2 if truth == 6 => 430,
        _ => 0,
    };
    let bin = |bin: u64| CalibrationBin {
        count: if bin == 0 { 0 } else { 100 * bin },
        confidence: if bin == 0 { f64::NAN } else { bin as f64 / 10.0 + 0.05 },
        accuracy: if bin == 0 { f64::NAN } else { bin as f64 / 11.0 },
    };
    Findings {
        classes: selvedge_data::FashionMnist::CLASS_NAMES.map(str::to_owned).to_vec(),
        loss: 0.11,
        accuracy: 0.87,
        confusion: (0..10)
            .map(|truth| (0..10).map(|predicted| confusion(truth, predicted)).collect())
            .collect(),
        scores: vec![ClassScore { precision: 0.9, recall: 0.8, f1: 0.847, support: 1000 }; 10],
        calibration_error: 0.03,
        calibration: (0..10).map(bin).collect(),
        mistakes: (0..24)
            .map(|index| PicturedMistake {
                mistake: Mistake {
                    index,
                    truth: 6,
                    predicted: index % 6,
                    confidence: 0.99,
                    truth_probability: 0.01,
                },
                image: ImageData::of(&sample).unwrap(),
            })
            .collect(),
    }
}
