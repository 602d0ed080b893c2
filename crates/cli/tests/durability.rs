//! A run folder is what its checkpoint says, and damage to its files is found, told and repaired.
#![cfg(unix)]
// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use program::{printed, selvedge, succeeded, text};

const SMALL: &[&str] = &[
    "--set",
    "data.limit=1300",
    "--set",
    "data.validation=0.1",
    "--set",
    "logs.evaluations=true",
    "--set",
    "checkpoint.keep_last=9",
];

fn trained(folder: &Path, out: &str, epochs: &str) -> PathBuf {
    printed(folder, &[&["train", "--epochs", epochs, "--out", out], SMALL].concat());
    folder.join(out)
}

/// The rows of a log, without the times.
fn rows(log: &Path) -> Vec<Value> {
    let rows = fs::read_to_string(log).unwrap();
    let row = |line: &str| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        row.as_object_mut().unwrap().retain(|key, _| !key.contains("second"));
        row
    };
    rows.lines().map(row).collect()
}

fn flip(path: &Path, place: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[place] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn checkpoints(run: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(run.join("checkpoints")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[track_caller]
fn assert_same_run(found: &Path, expected: &Path) {
    for model in ["model.safetensors", "best.safetensors"] {
        let [found, expected] = [found, expected].map(|run| fs::read(run.join(model)).unwrap());
        assert!(found == expected, "{model} is of another epoch");
    }
    for log in ["metrics.jsonl", "steps.jsonl", "evaluations.jsonl", "predictions.jsonl"] {
        assert_eq!(rows(&found.join(log)), rows(&expected.join(log)), "{log}");
    }
    let test = |run: &Path| fs::read(run.join("test.json")).unwrap();
    assert!(test(found) == test(expected), "what the test set tells is of another model");
}

/// Logs, models, best and what the test set tells go back with the training: here nothing is left to train.
#[test]
fn a_resumed_run_is_what_it_was_at_the_checkpoint() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let expected = trained(folder, "three", "3");
    let run = trained(folder, "run", "5");
    let all = checkpoints(&run);
    // Those of the fourth and fifth epoch: the first is damaged, the second was never written.
    let good = all.iter().position(|path| path.ends_with("step-00000057")).unwrap();
    for path in &all[good + 1..] {
        flip(&path.join("optimizer.safetensors"), 3000);
    }
    let output = selvedge(folder, &["resume", "run", "--epochs", "3"]).output().unwrap();
    assert!(succeeded(&output).contains("going on after step 57"), "{}", text(&output.stdout));
    assert_same_run(&run, &expected);
    printed(folder, &["verify", "run"]);

    // Nothing is left to go back to: a new beginning has no model of the old one.
    for path in checkpoints(&run) {
        fs::remove_dir_all(path).unwrap();
    }
    printed(folder, &["resume", "run", "--epochs", "3"]);
    assert_same_run(&run, &expected);
}

/// A kill between two checkpoints, and an end within the epoch after the resume.
#[test]
fn an_interrupted_resume_keeps_the_model_of_its_last_row() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let options = [
        &["train", "--set", "data.limit=12000", "--set", "data.validation=0.1"][..],
        &["--set", "logs.evaluations=true", "--set", "checkpoint.every_epochs=3"],
        &["--set", "checkpoint.keep_best=false", "--out", "run", "--epochs", "1000"],
    ]
    .concat();
    let mut child = selvedge(folder, &options).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let run = folder.join("run");
    while fs::read_to_string(run.join("metrics.jsonl")).map_or(0, |text| text.lines().count()) < 5 {
        assert!(child.try_wait().unwrap().is_none());
        sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let said = folder.join("said.txt");
    let child = selvedge(folder, &["resume", "run"])
        .stdout(File::create(&said).unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !fs::read_to_string(&said).unwrap().contains("going on after step") {
        sleep(Duration::from_millis(2));
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143), "{}", text(&output.stderr));
    let epochs = rows(&run.join("metrics.jsonl")).len();
    assert!(
        text(&output.stderr).contains(&format!("the model of epoch {epochs} is")),
        "{}",
        text(&output.stderr)
    );
    let mut options = options;
    let epochs = epochs.to_string();
    let end = options.len();
    (options[end - 3], options[end - 1]) = ("expected", epochs.as_str());
    printed(folder, &options);
    for model in ["model.safetensors", "best.safetensors"] {
        let [found, expected] =
            ["run", "expected"].map(|run| fs::read(folder.join(run).join(model)).unwrap());
        assert!(found == expected, "{model} is of another epoch");
    }
    let metrics = ["run", "expected"].map(|run| rows(&folder.join(run).join("metrics.jsonl")));
    assert_eq!(metrics[0], metrics[1]);
}

#[test]
fn a_damaged_row_is_told_kept_aside_and_restored() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let run = trained(folder, "run", "3");
    let [metrics, steps] = ["metrics.jsonl", "steps.jsonl"].map(|name| run.join(name));
    let before = [fs::read(&metrics).unwrap(), fs::read(&steps).unwrap()];
    let mut lines: Vec<&[u8]> = before[0].split_inclusive(|byte| *byte == b'\n').collect();
    lines[1] = b"{\"epoch\":2,\"tr\n";
    fs::write(&metrics, lines.concat()).unwrap();
    let mut bytes = before[1].clone();
    bytes[4] = 0xff;
    fs::write(&steps, bytes).unwrap();
    let output = selvedge(folder, &["resume", "run"]).output().unwrap();
    succeeded(&output);
    let told = text(&output.stderr);
    for words in
        ["run/metrics.jsonl, line 2 is damaged", "run/steps.jsonl, line 1 is damaged", "1 row is restored"]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!([fs::read(&metrics).unwrap(), fs::read(&steps).unwrap()], before);
    assert_eq!(fs::read(run.join("metrics.jsonl.damaged")).unwrap(), lines[1]);
    assert!(fs::read(run.join("steps.jsonl.damaged")).unwrap().contains(&0xff));

    // What a crash leaves is no damage.
    fs::write(&metrics, [&before[0][..], b"{\"epoch\":4,\"tr"].concat()).unwrap();
    let output = selvedge(folder, &["resume", "run"]).output().unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stderr), "");
    assert_eq!(fs::read(&metrics).unwrap(), before[0]);

    // A row of a run whose checkpoints are all gone blocks nothing either.
    fs::write(&steps, b"\xff\n").unwrap();
    fs::remove_dir_all(run.join("checkpoints")).unwrap();
    printed(folder, &["resume", "run"]);
    assert_eq!(rows(&metrics).len(), 3);
}

#[test]
fn a_damaged_model_is_restored_from_the_checkpoint() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let run = trained(folder, "run", "2");
    let expected = printed(folder, &["evaluate", "run"]);
    let model = run.join("model.safetensors");
    let bytes = fs::read(&model).unwrap();
    let mut zeros = bytes.clone();
    zeros[200_000..300_000].fill(0);
    for damaged in [&zeros[..], &bytes[..1000], b""] {
        fs::write(&model, damaged).unwrap();
        let output = selvedge(folder, &["evaluate", "run"]).output().unwrap();
        assert_eq!(succeeded(&output), expected);
        let told = text(&output.stderr);
        assert!(
            told.contains("model.safetensors") && told.contains("it is restored from the checkpoint after"),
            "{told}"
        );
        assert!(fs::read(&model).unwrap() == bytes);
    }
    fs::remove_file(run.join("best.safetensors")).unwrap();
    printed(folder, &["evaluate", "run", "--weights", "best"]);
    assert!(run.join("best.safetensors").exists());

    // A resume restores it, and the event files.
    fs::write(&model, &zeros).unwrap();
    let events = fs::read_dir(run.join("tensorboard")).unwrap().next().unwrap().unwrap().path();
    flip(&events, fs::metadata(&events).unwrap().len() as usize / 2);
    let output = selvedge(folder, &["resume", "run"]).output().unwrap();
    succeeded(&output);
    let told = text(&output.stderr);
    assert!(
        told.contains("model.safetensors") && told.contains("its scalars are restored from the logs"),
        "{told}"
    );
    assert!(fs::read(&model).unwrap() == bytes);

    // Without a checkpoint there is nothing to restore it from.
    fs::write(&model, &zeros).unwrap();
    fs::remove_dir_all(run.join("checkpoints")).unwrap();
    let output = selvedge(folder, &["evaluate", "run"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("selvedge.sha256"), "{}", text(&output.stderr));
}

/// What is known of each file of a folder, without those that nothing is derived from.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut contents = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name != "checkpoints" {
            contents.extend(self::contents(&path));
        } else if path.is_file() && name != ".lock" {
            contents.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    contents.sort();
    contents
}

#[test]
fn each_file_of_a_run_is_verified_and_repaired() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let run = trained(folder, "run", "2");
    let whole = printed(folder, &["verify", "run"]);
    assert!(whole.lines().all(|line| line.ends_with(": whole")), "{whole}");
    let files = contents(&run);
    assert!(files.len() > 14, "{files:?}");
    for (path, bytes) in &files {
        let name = path.strip_prefix(&run).unwrap().to_str().unwrap();
        if name == "digests.json" {
            continue;
        }
        flip(path, bytes.len() / 2);
        let told = printed(folder, &["verify", "run"]);
        let line =
            told.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}: {told}"));
        assert!(line.contains("; repaired from "), "{told}");
        // Histograms in a damaged record are lost, and scalars come into a file of their own.
        if !name.starts_with("tensorboard") {
            assert!(fs::read(path).unwrap() == *bytes, "{name} is another one now: {told}");
            fs::remove_file(path).unwrap();
            let told = printed(folder, &["verify", "run"]);
            assert!(told.contains("; repaired from "), "{name}: {told}");
            assert!(fs::read(path).unwrap() == *bytes, "{name} is another one now: {told}");
        }
    }
    let whole = printed(folder, &["verify", "run", "--json"]);
    for line in whole.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert_eq!(row["state"], "whole", "{whole}");
    }

    // What is in nothing else stays damaged, and is named.
    let checkpoint = checkpoints(&run).pop().unwrap();
    flip(&checkpoint.join("generators.safetensors"), 1000);
    let output = selvedge(folder, &["verify", "run"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).contains("generators.safetensors has been altered"),
        "{}",
        text(&output.stdout)
    );
    let output = selvedge(folder, &["verify", "nowhere"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("there is no run folder nowhere"), "{}", text(&output.stderr));
}

#[test]
fn a_log_that_is_removed_during_the_training_is_noticed() {
    for name in ["metrics.jsonl", "steps.jsonl"] {
        let folder = TempDir::new().unwrap();
        let folder = folder.path();
        let mut child = selvedge(folder, &[&["train", "--epochs", "100000", "--out", "run"], SMALL].concat())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = folder.join("run").join(name);
        while fs::read_to_string(&log).map_or(0, |text| text.lines().count()) < 3 {
            assert!(child.try_wait().unwrap().is_none());
            sleep(Duration::from_millis(2));
        }
        fs::remove_file(&log).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        let told = text(&output.stderr);
        assert!(told.contains(&format!("run/{name} was removed or changed by another program")), "{told}");
        // The checkpoint has the rows.
        printed(folder, &["resume", "run", "--epochs", "3"]);
        let epochs: Vec<u64> = rows(&folder.join("run/metrics.jsonl"))
            .iter()
            .map(|row| row["epoch"].as_u64().unwrap())
            .collect();
        assert_eq!(epochs, (1..=epochs.len() as u64).collect::<Vec<_>>(), "{name}");
        assert!(epochs.len() >= 2);
    }
}
