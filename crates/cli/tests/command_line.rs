//! The real binary, on the real images: what it writes, what it prints, and what it says to bad input.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use image::{GrayImage, Luma};
use selvedge_data::{Dataset, FashionMnist, Pixels};
use tempfile::TempDir;

/// The tests run beside each other, so each process gets one thread: libtorch's threads wait for each other by
/// spinning, and more of them than cores would wait for long.
fn selvedge(folder: &Path) -> Command {
    // A test may run in the background of a script, where an interrupt is ignored.
    selvedge_console::restore_signals_for_children();
    let mut command = Command::new(env!("CARGO_BIN_EXE_selvedge"));
    command.current_dir(folder).env("OMP_NUM_THREADS", "1");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    selvedge(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What was printed, of a command that has to succeed.
#[track_caller]
fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// The message and the exit status of a command that has to fail.
#[track_caller]
fn refused(folder: &Path, arguments: &[&str]) -> (String, i32) {
    let output = run(folder, arguments);
    assert!(!output.status.success(), "{arguments:?} succeeded: {}", text(&output.stdout));
    (text(&output.stderr), output.status.code().unwrap())
}

/// A run folder after one epoch of large batches, which takes a second.
fn trained(folder: &Path, model: &str, seed: &str) -> String {
    let arguments = ["train", "--model", model, "--epochs", "1", "--batch-size", "512", "--seed", seed];
    printed(folder, &[&arguments[..], &["--out", model]].concat())
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The number that follows `label` in a line of output.
fn number_after(output: &str, label: &str) -> f64 {
    let rest = output.split(label).nth(1).unwrap_or_else(|| panic!("no {label:?} in {output}"));
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn a_run_can_be_evaluated_used_and_repeated() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let output = trained(folder, "mlp", "3");
    let accuracy = number_after(&output, "test accuracy: ");
    assert!(accuracy > 70.0, "{output}");
    let run_folder = folder.join("mlp");
    assert_eq!(
        files(&run_folder),
        [
            ".lock",
            "about.json",
            "best.safetensors",
            "checkpoints",
            "config.json",
            "digests.json",
            "metrics.jsonl",
            "model.safetensors",
            "pictures",
            "predictions.jsonl",
            "report.html",
            "samples.json",
            "steps.jsonl",
            "tensorboard",
            "test.json"
        ]
    );
    // The accuracy again, from the folder alone.
    let output = printed(folder, &["evaluate", "mlp"]);
    assert_eq!(number_after(&output, "test accuracy: "), accuracy);

    let evaluation: serde_json::Value =
        serde_json::from_str(&printed(folder, &["evaluate", "mlp", "--json"])).unwrap();
    assert!((100.0 * evaluation["accuracy"].as_f64().unwrap() - accuracy).abs() < 0.005, "{evaluation}");
    assert_eq!(printed(folder, &["evaluate", "mlp", "--quiet"]), "");

    // The metrics are what was printed.
    let metrics = fs::read_to_string(run_folder.join("metrics.jsonl")).unwrap();
    let row: serde_json::Value = serde_json::from_str(metrics.trim()).unwrap();
    assert_eq!(row["epoch"], 1);
    assert!((100.0 * row["test_accuracy"].as_f64().unwrap() - accuracy).abs() < 0.005);

    // The report again, from the folder alone: the same bytes.
    let report = run_folder.join("report.html");
    let page = fs::read(&report).unwrap();
    fs::remove_file(&report).unwrap();
    fs::remove_dir_all(run_folder.join("pictures")).unwrap();
    assert!(printed(folder, &["report", "mlp"]).contains("report.html"));
    assert!(page == fs::read(&report).unwrap(), "the page depends on more than the folder");
    assert!(run_folder.join("pictures/curves.svg").exists());

    // Beside another run: a table of what came out and of what differs, and a page.
    printed(folder, &["train", "--model", "cnn", "--epochs", "1", "--batch-size", "512", "--out", "other"]);
    let table = printed(folder, &["compare", "mlp", "other", "--out", "both.html"]);
    let row = |key: &str| {
        let line =
            table.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("no {key} in {table}"));
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("model")[1..], ["mlp", "cnn"]);
    assert_eq!(row("Test accuracy")[2..4], [format!("{accuracy:.2}"), "%".to_owned()]);
    assert!(!table.contains("data.batch_size"), "{table}");
    assert!(fs::read_to_string(folder.join("both.html")).unwrap().contains("id=\"held-out-loss-title\""));

    // The same configuration gives the same model, to the bit.
    printed(folder, &["train", "--config", "mlp/config.json", "--out", "again"]);
    let model = |run: &str| fs::read(folder.join(run).join("model.safetensors")).unwrap();
    assert_eq!(model("mlp"), model("again"));

    // A picture from the test set, as a file.
    let test = FashionMnist::test().load().unwrap();
    let boot = (0..test.len()).find(|index| test.sample(*index).unwrap().label == 9).unwrap();
    let Pixels::Bytes(bytes) = test.sample(boot).unwrap().pixels else { panic!("expected bytes") };
    GrayImage::from_raw(28, 28, bytes.into_owned()).unwrap().save(folder.join("boot.png")).unwrap();
    let output = printed(folder, &["predict", "mlp", "boot.png", "--top", "10"]);
    let first = output.strip_prefix("boot.png: ").unwrap();
    assert!(first.starts_with("Ankle boot"), "{output}");
    let shares: f64 =
        output.split(" %").filter_map(|part| part.rsplit(' ').next()?.parse::<f64>().ok()).sum();
    assert!((shares - 100.0).abs() < 1.0, "{output}");
    let output = printed(folder, &["predict", "mlp", "boot.png", "--json"]);
    let named: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!((&named["image"], &named["classes"][0]["class"]), (&"boot.png".into(), &"Ankle boot".into()));
}

#[test]
fn every_network_trains_evaluates_and_prints_plain_lines() {
    let folder = TempDir::new().unwrap();
    for model in ["dropout", "functional", "sequential", "cnn"] {
        let output = trained(folder.path(), model, "0");
        assert!(number_after(&output, "test accuracy: ") > 70.0, "{output}");
        assert!(!output.contains('\u{1b}'), "escape codes in a pipe: {output}");
        printed(folder.path(), &["evaluate", model]);
    }
}

#[test]
fn without_a_name_each_run_has_a_folder_of_its_own() {
    let folder = TempDir::new().unwrap();
    for _ in 0..2 {
        printed(folder.path(), &["train", "--epochs", "1", "--batch-size", "1000"]);
    }
    assert_eq!(files(&folder.path().join("runs")), ["mlp-1", "mlp-2"]);
}

#[test]
fn wrong_usage_is_refused_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    fs::write(folder.join("typo.json"), r#"{"fit": {"epoch": 3}}"#).unwrap();
    fs::write(folder.join("broken.json"), "{").unwrap();
    for (arguments, expected) in [
        (&["train", "--epoch", "3"][..], "--epochs"),
        (&["train", "--model", "mlpp"], "mlp"),
        (&["train", "--batch-size", "0"], "\"data.batch_size\" has to be at least 1"),
        (&["train", "--batch-size", "-4"], "-4"),
        (&["train", "--epochs", "0"], "epochs is 0, expected a number from 1 on"),
        (&["train", "--lr", "NaN"], "finite number"),
        (&["train", "--lr", "-1"], "lr is -1"),
        (&["train", "--lr", "fast"], "fast"),
        (&["train", "--threads", "0"], "\"threads\" has to be from 1 to 1024"),
        (&["train", "--device", "gpu"], "\"gpu\" is no device"),
        (&["train", "--config", "typo.json"], "did you mean \"epochs\"?"),
        (&["train", "--config", "broken.json"], "broken.json"),
        (&["train", "--config", "nowhere.json"], "nowhere.json"),
        (&["train", "--set", "optimizer.type=Adan"], "did you mean \"Adam\"?"),
        (&["train", "--set", "optimizer.betas=[0.9,1.0]"], "betas"),
        (&["train", "--set", "seed"], "KEY=VALUE"),
        (&["predict", "run"], "IMAGES"),
        (&["compare", "run"], "2 values required"),
        (&["frobnicate"], "frobnicate"),
    ] {
        let (message, status) = refused(folder, arguments);
        assert!(message.contains(expected), "{arguments:?}: {message}");
        assert_eq!(status, 2, "{arguments:?}: {message}");
    }
    assert_eq!(files(folder), ["broken.json", "typo.json"]);
}

#[test]
fn the_whole_configuration_is_printed_and_repeats_itself() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let options = ["--set", "optimizer.type=SGD", "--set", "optimizer.momentum=0.9", "--lr", "0.05"];
    let config = printed(folder, &[&["train", "--print-config"], &options[..]].concat());
    let value: serde_json::Value = serde_json::from_str(&config).unwrap();
    assert_eq!((&value["optimizer"]["type"], &value["optimizer"]["lr"]), (&"SGD".into(), &0.05.into()));
    assert_eq!(files(folder), [""; 0]);
    fs::write(folder.join("config.json"), &config).unwrap();
    assert_eq!(printed(folder, &["train", "--print-config", "--config", "config.json"]), config);
}

#[test]
fn a_script_reads_json_or_nothing() {
    let folder = TempDir::new().unwrap();
    let small = ["--set", "data.limit=640", "--epochs", "2"];
    let train =
        |out: &str, how: &str| printed(folder.path(), &[&["train", "--out", out, how], &small[..]].concat());
    assert_eq!(train("silent", "--quiet"), "");
    let output = train("told", "--json");
    let rows: Vec<serde_json::Value> =
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows[0]["parameters"], 235_146);
    let epochs: Vec<_> = rows.iter().filter_map(|row| row["epoch"].as_u64()).collect();
    assert_eq!(epochs, [1, 2], "{output}");
    assert_eq!(rows.last().unwrap()["run"], "told");
    let (message, status) = refused(folder.path(), &["train", "--quiet", "--json"]);
    assert!(status == 2 && message.contains("--json"), "{message}");
}

/// A training goes on when nobody reads what it prints.
#[test]
fn a_closed_pipe_stops_no_training() {
    let folder = TempDir::new().unwrap();
    let mut child = selvedge(folder.path())
        .args(["train", "--set", "data.limit=640", "--epochs", "3", "--out", "run"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(folder.path().join("run/report.html").exists());
}

#[test]
fn networks_and_datasets_can_be_looked_at() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let models = printed(folder, &["models"]);
    assert_eq!(models.lines().count(), 5);
    assert!(models.lines().next().unwrap().starts_with("mlp            235146 parameters"), "{models}");
    for line in printed(folder, &["models", "--json"]).lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).unwrap()["parameters"].is_u64(), "{line}");
    }
    let summary = printed(folder, &["summary", "mlp", "--batch-size", "2"]);
    assert!(summary.contains("(hidden1): Linear(in_features=784, out_features=256, bias=True)"), "{summary}");
    assert!(summary.contains("[2, 256]") && summary.contains("235,146"), "{summary}");

    let list = printed(folder, &["data", "list"]);
    assert!(list.starts_with("FashionMNIST   70000 images, on this machine"), "{list}");
    assert!(printed(folder, &["data", "verify"]).contains("FashionMNIST: 10000 test images, verified"));
    let (message, _) = refused(folder, &["data", "verify", "MNIST", "--data-dir", "nowhere"]);
    assert!(message.contains("nowhere"), "{message}");
    let (message, _) = refused(folder, &["data", "verify", "FashionMNST"]);
    assert!(message.contains("FashionMNIST"), "{message}");

    let shape = ["--rows", "2", "--columns", "3", "--augment", r#"[{"type": "RandomHorizontalFlip"}]"#];
    let output = printed(folder, &[&["data", "grid", "--out", "some.png"], &shape[..]].concat());
    assert_eq!(output.lines().count(), 3, "{output}");
    assert_eq!(output.lines().next().unwrap().split(", ").count(), 3, "{output}");
    let picture = image::open(folder.join("some.png")).unwrap();
    assert_eq!((picture.width(), picture.height()), (3 * 56 + 2 * 4, 2 * 56 + 4));
    let (message, _) = refused(folder, &["data", "grid", "--augment", "flip", "--out", "none.png"]);
    assert!(message.contains("list of transforms, found flip"), "{message}");
    assert_eq!(files(folder), ["some.png"]);
}

#[test]
fn completions_are_printed_for_each_shell() {
    let folder = TempDir::new().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = printed(folder.path(), &["completions", shell]);
        assert!(script.contains("batch-size"), "{shell}: {script}");
    }
}

#[test]
fn other_units_than_the_defaults_train() {
    let folder = TempDir::new().unwrap();
    let units = [
        ["optimizer.type=LBFGS", "loss.type=CrossEntropyLoss"],
        ["optimizer.type=SGD", "loss.type=MSELoss"],
        ["optimizer.type=AdamW", "data.validation=0.5"],
    ];
    for (number, [first, second]) in units.into_iter().enumerate() {
        let out = number.to_string();
        let small = ["--set", "data.limit=640", "--set", "fit.epochs=1", "--set", first, "--set", second];
        printed(folder.path(), &[&["train", "--out", &out], &small[..]].concat());
        printed(folder.path(), &["evaluate", &out]);
    }
}

#[test]
fn what_is_not_there_is_named() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    for (arguments, expected) in [
        (&["train", "--device", "cuda:99"][..], "cuda:99"),
        (&["train", "--data-dir", "nowhere"], "nowhere"),
        (&["evaluate", "nowhere"], "nowhere"),
        (&["predict", "nowhere", "image.png"], "nowhere"),
        (&["report", "nowhere"], "nowhere is not the folder of a run"),
    ] {
        let (message, status) = refused(folder, arguments);
        assert!(message.contains(expected), "{arguments:?}: {message}");
        assert_eq!(status, 1, "{arguments:?}: {message}");
    }
}

#[test]
fn a_run_folder_is_never_overwritten() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("mine")).unwrap();
    fs::write(folder.path().join("mine/notes.txt"), "keep").unwrap();
    let (message, status) = refused(folder.path(), &["train", "--out", "mine"]);
    assert!(message.contains("mine is not empty"), "{message}");
    assert_eq!(status, 1);
    assert_eq!(files(&folder.path().join("mine")), ["notes.txt"]);
}

#[test]
fn bad_images_and_models_are_named_and_the_others_still_told() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    trained(folder, "mlp", "0");
    fs::write(folder.join("notes.png"), "no image").unwrap();
    GrayImage::from_pixel(56, 40, Luma([250])).save(folder.join("blank.jpg")).unwrap();
    let output = run(folder, &["predict", "mlp", "notes.png", "missing.png", "blank.jpg"]);
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(message.contains("notes.png") && message.contains("missing.png"), "{message}");
    assert!(text(&output.stdout).starts_with("blank.jpg: "));

    // The weights of another network.
    let config = folder.join("mlp/config.json");
    let other = fs::read_to_string(&config).unwrap().replace("\"mlp\"", "\"cnn\"");
    fs::write(&config, other).unwrap();
    let (message, _) = refused(folder, &["evaluate", "mlp"]);
    assert!(message.contains("model.safetensors") && message.contains("convolution1.weight"), "{message}");

    // Half a model file.
    let model = folder.join("mlp/model.safetensors");
    let bytes = fs::read(&model).unwrap();
    fs::write(&model, &bytes[..bytes.len() / 2]).unwrap();
    let (message, _) = refused(folder, &["evaluate", "mlp"]);
    assert!(message.contains("model.safetensors"), "{message}");
}

/// Ctrl-C ends the training in order: the model of the last whole epoch is there and can be used.
#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_it_has() {
    let folder = TempDir::new().unwrap();
    let mut child = selvedge(folder.path())
        .args(["train", "--epochs", "1000", "--batch-size", "512", "--out", "run"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        lines.any(|line| line.unwrap().starts_with("Training loss: ")),
        "it ended before its first epoch"
    );
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    for line in lines {
        line.unwrap();
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let message = text(&output.stderr);
    assert!(message.contains("interrupted in epoch"), "{message}");
    let metrics = fs::read_to_string(folder.path().join("run/metrics.jsonl")).unwrap();
    let last: serde_json::Value = serde_json::from_str(metrics.lines().last().unwrap()).unwrap();
    let evaluated = printed(folder.path(), &["evaluate", "run"]);
    let accuracy = 100.0 * last["test_accuracy"].as_f64().unwrap();
    assert!((number_after(&evaluated, "test accuracy: ") - accuracy).abs() < 0.005);
    let page = fs::read_to_string(folder.path().join("run/report.html")).unwrap();
    assert!(page.contains(&format!("{accuracy:.2}\u{a0}%")), "the report is not of the last whole epoch");
}
