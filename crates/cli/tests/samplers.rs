//! The order of the images that a run asks for: kept, repeated, and gone on with in the middle of an epoch.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use program::{printed, selvedge, text};

/// 1169 images in 19 batches, and a checkpoint within each epoch.
const SMALL: &[&str] = &[
    "--epochs",
    "2",
    "--set",
    "data.limit=1300",
    "--set",
    "data.validation=0.1",
    "--set",
    "checkpoint.every_steps=13",
    "--set",
    "checkpoint.keep_last=9",
    "--set",
    "fit.log_every=1",
];

/// The weights, and the loss of each step.
fn outcome(run: &Path) -> (Vec<u8>, Vec<Value>) {
    let steps = fs::read_to_string(run.join("steps.jsonl")).unwrap();
    let loss = |line: &str| serde_json::from_str::<Value>(line).unwrap()["train_loss"].clone();
    (fs::read(run.join("model.safetensors")).unwrap(), steps.lines().map(loss).collect())
}

#[test]
fn a_sampler_goes_on_within_an_epoch_and_is_repeated_by_the_folder() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let first: Vec<usize> = (0..1250).collect();
    let samplers = [
        json!({ "type": "RandomSampler" }),
        json!({ "type": "SequentialSampler" }),
        json!({ "type": "StratifiedSampler" }),
        json!({ "type": "SubsetRandomSampler", "indices": first }),
        json!({ "type": "WeightedRandomSampler", "num_samples": 1200 }),
        json!({
            "type": "WeightedRandomSampler",
            "class_weights": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
            "num_samples": 1160,
            "replacement": false
        }),
    ];
    let mut outcomes = Vec::new();
    for (number, sampler) in samplers.iter().enumerate() {
        let (run, again) = (format!("run-{number}"), format!("again-{number}"));
        let set = format!("data.sampler={sampler}");
        printed(folder, &[&["train", "--out", &run, "--set", &set], SMALL].concat());
        let whole = outcome(&folder.join(&run));
        let config: Value =
            serde_json::from_slice(&fs::read(folder.join(&run).join("config.json")).unwrap()).unwrap();
        for (key, value) in sampler.as_object().unwrap().iter().filter(|(key, _)| *key != "class_weights") {
            assert_eq!(config["data"]["sampler"][key], *value, "{sampler}");
        }

        // As if the process had been killed after the step 26, in the second epoch.
        let checkpoints = folder.join(&run).join("checkpoints");
        for entry in fs::read_dir(&checkpoints).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_str().unwrap() > "step-00000026" {
                fs::remove_dir_all(path).unwrap();
            }
        }
        fs::remove_file(folder.join(&run).join("model.safetensors")).unwrap();
        let told = printed(folder, &["resume", &run]);
        assert!(told.contains("going on after step 26"), "{told}");
        assert!(outcome(&folder.join(&run)) == whole, "{sampler}");

        let config = format!("{run}/config.json");
        printed(folder, &["train", "--config", &config, "--out", &again]);
        assert!(outcome(&folder.join(&again)) == whole, "{sampler}");
        outcomes.push(whole);
    }
    for (number, outcome) in outcomes.iter().enumerate() {
        assert!(!outcomes[..number].contains(outcome), "{} makes no difference", samplers[number]);
    }
}

/// A network that is shown one class alone knows no other.
#[test]
fn what_is_never_drawn_is_not_learnt() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let set = r#"data.sampler={"type": "WeightedRandomSampler", "class_weights": [0,0,0,1,0,0,0,0,0,0]}"#;
    printed(folder, &["train", "--epochs", "1", "--set", "data.limit=6400", "--set", set, "--out", "run"]);
    let found: Value = serde_json::from_str(&printed(folder, &["evaluate", "run", "--json"])).unwrap();
    assert_eq!(found["accuracy"], 0.1);
}

#[test]
fn what_the_images_refuse_is_wrong_usage_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let set = r#"data.sampler={"type": "WeightedRandomSampler", "num_samples": 1171, "replacement": false}"#;
    let output =
        selvedge(folder, &[&["train", "--out", "run", "--set", set], SMALL].concat()).output().unwrap();
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains(r#""data.sampler.num_samples": expected at most 11"#), "{message}");
    assert!(message.contains("found 1171") && !folder.join("run").exists(), "{message}");
}

#[test]
fn a_sampler_is_asked_for_by_its_parts() {
    let folder = TempDir::new().unwrap();
    let typed = ["data.sampler.num_samples=500", "data.sampler.type=WeightedRandomSampler"];
    let arguments = ["train", "--print-config", "--set", typed[0], "--set", typed[1]];
    let config: Value = serde_json::from_str(&printed(folder.path(), &arguments)).unwrap();
    let expected = json!({
        "type": "WeightedRandomSampler",
        "class_weights": null,
        "weights": null,
        "num_samples": 500,
        "replacement": true
    });
    assert_eq!(config["data"]["sampler"], expected);
}
