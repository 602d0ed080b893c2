//! What the configuration reaches beside the units: the logs, what is held out, the best model, and the ends of schedules.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use program::{printed, selvedge, text};

/// Panics unless the losses of two runs agree but for rounding, which a few steps let grow.
fn alike(folder: &Path, found: &str, expected: &str) {
    let [found, expected] = [found, expected].map(|run| rows(&folder.join(run).join("metrics.jsonl")));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        for key in ["train_loss", "test_loss"] {
            let [found, expected] = [found, expected].map(|row| row[key].as_f64().unwrap());
            assert!((found - expected).abs() <= 1e-3 * expected, "{key}: {found} and {expected}");
        }
    }
}

const SMALL: &[&str] = &["train", "--out", "run", "--set", "data.limit=1300", "--set", "data.validation=0.1"];

fn rows(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The logs that are asked for are there, without a line twice after a resume, and the words tell what was held out.
#[test]
fn a_validated_run_with_every_log_says_what_it_measured() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let logs = r#"logs={"evaluations": true, "statistics": {"every": 5}, "predictions": {"images": 3}}"#;
    let output = printed(folder, &[SMALL, &["--epochs", "2", "--set", logs]].concat());
    for words in [
        "the steps are compiled",
        "validation accuracy: ",
        "Test loss: ",
        "the model of epoch 2 is run/model.safetensors, the best, by its validation loss in epoch ",
        "best.safetensors beside it; look at run/report.html",
    ] {
        assert!(output.contains(words), "{words}: {output}");
    }
    let run = folder.join("run");
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    for words in [
        "images of FashionMNIST, validated on 1",
        "Validation loss",
        "Test accuracy",
        "Norm of the gradients",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("test loss"));

    printed(folder, &["resume", "run", "--epochs", "3"]);
    let steps = |name: &str, key: &str| -> Vec<u64> {
        rows(&run.join(name)).iter().map(|row| row[key].as_u64().unwrap()).collect()
    };
    assert_eq!(steps("evaluations.jsonl", "step"), [19, 38, 57]);
    assert_eq!(steps("predictions.jsonl", "step"), [19, 38, 57]);
    assert_eq!(steps("statistics.jsonl", "step"), (1..=11).map(|row| 5 * row).collect::<Vec<_>>());
    assert_eq!(steps("metrics.jsonl", "step"), [19, 38, 57]);
    let statistics = rows(&run.join("statistics.jsonl"));
    assert!(statistics[0]["parameters"][0]["gradient"]["norm"].as_f64().unwrap() > 0.0);
    assert_eq!(rows(&run.join("predictions.jsonl"))[0]["classes"].as_array().unwrap().len(), 3);
    let metrics = rows(&run.join("metrics.jsonl"));
    let keys: Vec<&str> = metrics[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["epoch", "step", "train_loss", "validation_loss", "validation_accuracy", "seconds"]);
}

/// The model of the best evaluation is a plain file that the other commands take.
#[test]
fn the_best_model_is_kept_beside_the_last() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    // The second epoch throws the weights far away.
    let worse = r#"schedule={"type": "MultiStepLR", "milestones": [1], "gamma": 1000.0}"#;
    let output = printed(folder, &[SMALL, &["--epochs", "2", "--set", worse]].concat());
    assert!(output.contains("by its validation loss in epoch 1, best.safetensors"), "{output}");
    let file = |name: &str| fs::read(folder.join("run").join(name)).unwrap();
    assert!(file("best.safetensors") != file("model.safetensors"));
    let accuracy = |weights: &[&str]| {
        let output = printed(folder, &[&["evaluate", "run", "--json"], weights].concat());
        serde_json::from_str::<Value>(&output).unwrap()["accuracy"].as_f64().unwrap()
    };
    assert!(accuracy(&["--weights", "best"]) > accuracy(&[]) + 0.1);
    // The one that is at hand otherwise.
    assert_eq!(accuracy(&[]), accuracy(&["--weights", "last"]));
}

/// Nothing is written of a run without a batch to train with, or to validate with.
#[test]
fn a_run_without_a_batch_is_wrong_usage() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    for (options, expected) in [
        (
            &["--batch-size", "70000", "--set", "data.drop_last=true"][..],
            "the training set has no batch: 1300 images in batches of 70000, and a last batch that is not full is \
             dropped (drop_last)",
        ),
        (&["--set", "data.validation=0.99999"], "the training set has no batch: 0 images in batches of"),
    ] {
        let small = ["train", "--out", "run", "--set", "data.limit=1300", "--threads", "1"];
        let refused = selvedge(folder, &[&small[..], options].concat()).output().unwrap();
        let message = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{message}");
        assert!(message.contains(expected), "{message}");
        assert!(!folder.join("run").exists());
    }
}

/// Nothing is written of a run whose schedule is over before it is.
#[test]
fn a_schedule_that_is_too_short_is_wrong_usage() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let cycle =
        |steps: u64| format!(r#"schedule={{"type": "OneCycleLR", "max_lr": 0.01, "total_steps": {steps}}}"#);
    let train = |steps: u64| {
        let every = ["--set", "fit.schedule_every=step", "--epochs", "2", "--set", &cycle(steps)];
        selvedge(folder, &[SMALL, &every[..]].concat()).output().unwrap()
    };
    let refused = train(37);
    let message = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{message}");
    assert!(message.contains("OneCycleLR ends after 37 steps, expected at least 38"), "{message}");
    assert!(!folder.join("run").exists());
    assert!(train(38).status.success());
    // More epochs than the schedule has steps for are refused, and the folder is as it was.
    let refused = selvedge(folder, &["resume", "run", "--epochs", "3"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert!(fs::read_to_string(folder.join("run/config.json")).unwrap().contains("\"epochs\": 2"));
    printed(folder, &["resume", "run"]);
}

/// The choice is a measurement, so a run says what was chosen, and its folder repeats it.
#[test]
fn the_threads_of_a_run_are_chosen_and_kept() {
    let folder = TempDir::new().unwrap();
    let train = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_selvedge"));
        command.current_dir(folder.path()).env("OMP_NUM_THREADS", "2").arg("train").args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let file = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let printed = train(&["--epochs", "1", "--set", "data.limit=640", "--out", "first"]);
    assert!(printed.contains("the fastest number of threads is"), "{printed}");
    let kept: Value = serde_json::from_slice(&file("first/config.json")).unwrap();
    let threads = kept["threads"].as_u64().expect("the folder keeps the number");
    assert!((1..=2).contains(&threads), "{threads}");

    let again = train(&["--config", "first/config.json", "--out", "again"]);
    assert!(!again.contains("fastest"), "{again}");
    assert!(again.contains(&format!(", {threads} thread")), "{again}");
    assert_eq!(file("first/model.safetensors"), file("again/model.safetensors"));
}

/// What decides the steps beside the optimizer's own options is kept, and comes back with a resume.
#[test]
fn groups_tables_and_the_backend_hold_through_a_resume() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let groups = r#"optimizer.groups=[{"parameters": "*.bias", "lr": 0.01, "betas": [0.8, 0.99]}]"#;
    let options = [
        ["--set", r#"schedule={"type": "LambdaLR", "factors": [[1.0, 0.5], [1.0]]}"#],
        ["--set", "backend.determinism.algorithms=deterministic"],
        ["--set", "backend.precision.float32_matmul=high"],
        ["--set", "backend.flush_denormal=false"],
        ["--set", "data.limit=640"],
    ]
    .concat();
    let train = |out: &str, more: &[&str]| {
        printed(folder, &[&["train", "--out", out], &options[..], more].concat());
        fs::read(folder.join(out).join("model.safetensors")).unwrap()
    };
    let whole = train("whole", &["--epochs", "2", "--set", groups]);
    let config: Value = serde_json::from_slice(&fs::read(folder.join("whole/config.json")).unwrap()).unwrap();
    assert_eq!(config["optimizer"]["groups"][0]["parameters"], "*.bias");
    assert_eq!(config["backend"]["determinism"]["algorithms"], "deterministic");
    assert_eq!(config["backend"]["precision"]["float32_matmul"], "high");
    assert_eq!(config["backend"]["flush_denormal"], false);

    train("parts", &["--epochs", "1", "--set", groups]);
    printed(folder, &["resume", "parts", "--epochs", "2"]);
    assert!(whole == fs::read(folder.join("parts/model.safetensors")).unwrap());
    assert!(whole == train("again", &["--config", "whole/config.json"]));
    train("plain", &["--epochs", "2", "--set", groups, "--set", "fit.compile=off"]);
    alike(folder, "plain", "whole");
    // A group that changes nothing, so that the table fits.
    let same = r#"optimizer.groups=[{"parameters": "*.bias"}]"#;
    assert!(whole != train("same", &["--epochs", "2", "--set", same]));
}

/// A rule for the matrices and another for the rest: the same bits after a resume and from the folder, and the same losses
/// without compiled steps.
#[test]
fn a_group_with_a_rule_of_its_own_holds_through_a_resume() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let optimizer = concat!(
        r#"optimizer={"type": "Muon", "lr": 0.02, "groups": "#,
        r#"[{"parameters": "*.bias", "type": "AdamW", "lr": 0.001}]}"#
    );
    let train = |out: &str, more: &[&str]| {
        let output = printed(folder, &[&["train", "--out", out, "--set", "data.limit=640"], more].concat());
        (fs::read(folder.join(out).join("model.safetensors")).unwrap(), output)
    };
    let (whole, output) = train("whole", &["--epochs", "2", "--set", optimizer]);
    assert!(output.contains("Muon and AdamW with learning rate 0.02"), "{output}");
    assert!(output.contains("the steps are compiled"), "{output}");
    train("parts", &["--epochs", "1", "--set", optimizer]);
    printed(folder, &["resume", "parts", "--epochs", "2"]);
    assert!(whole == fs::read(folder.join("parts/model.safetensors")).unwrap());
    assert!(whole == train("again", &["--config", "whole/config.json"]).0);
    train("plain", &["--epochs", "2", "--set", optimizer, "--set", "fit.compile=off"]);
    alike(folder, "plain", "whole");

    let shown: Value =
        serde_json::from_str(&printed(folder, &["train", "--print-config", "--set", optimizer])).unwrap();
    assert_eq!(shown["optimizer"]["groups"][0]["type"], "AdamW");
    let page = fs::read_to_string(folder.join("whole/report.html")).unwrap();
    assert!(page.contains("optimizer.groups") && page.contains("AdamW"));

    let refused =
        selvedge(folder, &["train", "--out", "none", "--set", "optimizer.type=Muon"]).output().unwrap();
    let message = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{message}");
    assert!(message.contains(r#"--set 'optimizer.groups=[{"parameters":["hidden1.bias","#), "{message}");
    assert!(!folder.join("none").exists());
}

/// Losses of other targets than classes: trained, written down and measured again alike.
#[test]
fn a_loss_of_rows_is_trained_and_evaluated() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    for loss in ["BCELoss", "MultiLabelMarginLoss", "PoissonNLLLoss", "SoftMarginLoss"] {
        let kind = format!("loss.type={loss}");
        printed(
            folder,
            &["train", "--out", loss, "--epochs", "2", "--set", "data.limit=1280", "--set", &kind],
        );
        let logged = rows(&folder.join(loss).join("metrics.jsonl"));
        let found: Value = serde_json::from_str(&printed(folder, &["evaluate", loss, "--json"])).unwrap();
        assert_eq!(logged[1]["test_loss"], found["loss"], "{loss}");
        assert!(found["accuracy"].as_f64().unwrap() > 0.5, "{loss}: {}", found["accuracy"]);
        let page = fs::read_to_string(folder.join(loss).join("report.html")).unwrap();
        assert!(page.contains(loss) && page.contains("Surest mistakes"), "{loss}");
    }
}
