//! Files and names from elsewhere: links that are not followed, texts that no terminal obeys, values beyond any limit.
#![cfg(unix)]
// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use program::{printed, selvedge, text};

/// A title of a window, a cleared screen, and the same in the control characters above ASCII.
const EVIL: &str = "\u{1b}]0;evil\u{7}\u{1b}[2J\u{9b}2J\u{202e}";

fn trained(folder: &Path) {
    let limits = ["--set", "data.limit=300", "--set", "data.validation=0.5", "--epochs", "1"];
    printed(folder, &[&["train", "--out", "run"][..], &limits].concat());
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    selvedge(folder, arguments).output().unwrap()
}

/// Everything that it said, in which there is nothing that a terminal obeys.
#[track_caller]
fn harmless(output: &Output) -> String {
    let said = text(&output.stdout) + &text(&output.stderr);
    let obeyed =
        |character: &char| (character.is_control() && *character != '\n') || *character == '\u{202e}';
    assert!(!said.contains(|character| obeyed(&character)), "{said:?}");
    said
}

#[test]
fn links_in_a_run_folder_are_refused_and_the_folder_may_be_reached_by_one() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    trained(folder);
    symlink(folder.join("run"), folder.join("link")).unwrap();
    printed(folder, &["evaluate", "link"]);
    printed(folder, &["resume", "link", "--epochs", "2"]);
    fs::write(folder.join("precious"), "kept").unwrap();
    fs::create_dir(folder.join("outside")).unwrap();
    for name in [".lock", "checkpoints", "steps.jsonl", "metrics.jsonl", "model.safetensors", "pictures"] {
        let (place, aside) = (folder.join("run").join(name), folder.join("aside"));
        let is_folder = ["checkpoints", "pictures"].contains(&name);
        let elsewhere = folder.join(if is_folder { "outside" } else { "precious" });
        fs::rename(&place, &aside).unwrap();
        symlink(&elsewhere, &place).unwrap();
        for command in [
            &["resume", "run", "--epochs", "3"][..],
            &["evaluate", "run"],
            &["report", "run"],
            &["compare", "run", "run"],
        ] {
            let output = run(folder, command);
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{command:?} with {name}: {said}");
            assert!(said.contains(&format!("run/{name}: it is a link")), "{command:?} with {name}: {said}");
        }
        assert_eq!(fs::read_to_string(folder.join("precious")).unwrap(), "kept", "{name}");
        assert_eq!(fs::read_dir(folder.join("outside")).unwrap().count(), 0, "{name}");
        fs::remove_file(&place).unwrap();
        fs::rename(&aside, &place).unwrap();
    }
    // The lock of a folder that is new.
    fs::create_dir(folder.join("new")).unwrap();
    symlink(folder.join("precious"), folder.join("new/.lock")).unwrap();
    let output = run(folder, &["train", "--out", "new", "--set", "data.limit=300"]);
    assert!(text(&output.stderr).contains("new/.lock: it is a link"), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(folder.join("precious")).unwrap(), "kept");
}

#[test]
fn no_text_from_elsewhere_reaches_the_terminal_as_it_is() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    trained(folder);
    // The names of pictures.
    let image = image::GrayImage::from_pixel(28, 28, image::Luma([9]));
    for name in [format!("{EVIL}.png"), format!("a\n{EVIL}.png")] {
        image.save(folder.join(&name)).unwrap();
        let output = run(folder, &["predict", "run", &name]);
        let said = harmless(&output);
        assert!(output.status.success() && said.contains("\\u{1b}]0;evil\\u{7}"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        let output = run(folder, &["predict", "--json", "run", &name]);
        let row: Value = serde_json::from_str(&harmless(&output)).unwrap();
        assert_eq!(row["image"], json!(name));
        fs::write(folder.join(&name), "no image").unwrap();
        assert!(harmless(&run(folder, &["predict", "run", &name])).contains("expected a whole PNG"));
    }
    // An option by mistake, which a shell found in a folder.
    let output = run(folder, &["predict", "run", &format!("--{EVIL}.png")]);
    assert!(harmless(&output).contains("unexpected argument"));
    assert_eq!(output.status.code(), Some(2));
    // Configurations.
    for typed in [
        format!("optimizer.type={EVIL}"),
        format!("{EVIL}=3"),
        format!("model={EVIL}"),
        format!("optimizer.{EVIL}=1"),
        format!("data.source={EVIL}"),
        format!("device={EVIL}"),
    ] {
        let output = run(folder, &["train", "--set", &typed]);
        harmless(&output);
        assert_eq!(output.status.code(), Some(2), "{typed:?}");
    }
    let other = folder.join("other");
    assert!(
        std::process::Command::new("cp")
            .arg("-r")
            .arg(folder.join("run"))
            .arg(&other)
            .status()
            .unwrap()
            .success()
    );
    let path = other.join("config.json");
    let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    config["device"] = EVIL.into();
    config["data"]["folder"] = format!("\n{EVIL}").into();
    fs::write(&path, config.to_string()).unwrap();
    let said = harmless(&run(folder, &["compare", "run", "other"]));
    assert!(said.contains("\\u{1b}]0;evil"), "{said}");
    harmless(&run(folder, &["compare", "--json", "run", "other"]));
    harmless(&run(folder, &["evaluate", "other"]));
    // Versions in a checkpoint, with the digest that fits.
    let checkpoint = fs::read_dir(folder.join("run/checkpoints")).unwrap().next().unwrap().unwrap().path();
    let edit = |name: &str, change: &dyn Fn(&mut Value)| {
        let path = checkpoint.join(name);
        let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut value);
        fs::write(path, value.to_string()).unwrap();
    };
    edit("state.json", &|state| state["libtorch"] = format!("1\n{EVIL}").into());
    let state = fs::read(checkpoint.join("state.json")).unwrap();
    let digest = selvedge_fetch::sha256(&state[..]).unwrap().to_string();
    edit("manifest.json", &|manifest| {
        manifest["files"]["state.json"] = json!({ "bytes": state.len(), "sha256": digest });
    });
    let said = harmless(&run(folder, &["resume", "run", "--epochs", "2"]));
    assert!(said.contains("of libtorch 1\\u{a}\\u{1b}]0;evil"), "{said}");
}

#[test]
fn values_beyond_any_limit_are_wrong_usage() {
    let folder = TempDir::new().unwrap();
    let deep = format!("{}=1", vec!["a"; 10_000].join("."));
    let resize = |size: &str| format!(r#"data.augment.transforms=[{{"type": "Resize", "size": {size}}}]"#);
    for (typed, expected) in [
        ("fit.measures.bins=1000000000000".to_owned(), "1 to 10000"),
        ("fit.measures.mistakes=1000000000000".to_owned(), "at most 10000"),
        (
            r#"data.sampler={"type": "WeightedRandomSampler", "num_samples": 18446744073709551615}"#
                .to_owned(),
            "at most 100000000",
        ),
        (resize("1000000000"), "67108864"),
        (resize("[4611686018427387904, 4]"), "67108864"),
        (r#"data.augment.transforms=[{"type": "Pad", "padding": 1000000000000}]"#.to_owned(), "8192"),
        (
            r#"data.augment.transforms=[{"type": "RandAugment", "num_ops": 1000000000000}]"#.to_owned(),
            "at most 100",
        ),
        ("data.num_workers=1000000".to_owned(), "at most 1024"),
        ("data.prefetch_factor=1000000000000".to_owned(), "from 1 to 1024"),
        ("threads=1000000".to_owned(), "from 1 to 1024"),
        (r#"averaging={"ema": {"decay": 2}}"#.to_owned(), "[0, 1]"),
        (deep, "at most 32 names"),
        ("device=nowhere".to_owned(), "nowhere"),
    ] {
        let output = run(folder.path(), &["train", "--set", &typed]);
        let said = text(&output.stderr);
        let shown: String = typed.chars().take(60).collect();
        assert_eq!(output.status.code(), Some(2), "{shown}: {said}");
        assert!(said.contains(expected) && said.len() < 1000, "{shown}: {said}");
    }
    let output = run(folder.path(), &["train", "--threads", "1000000"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is begun");
}
