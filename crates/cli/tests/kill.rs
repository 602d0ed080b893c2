//! A training process killed at random moments, also while it writes a checkpoint, loses nothing.
//!
//! `SELVEDGE_KILL_TABLE=docs/checkpoints.md cargo test --release -p selvedge --test kill` writes what happened at each
//! kill into that page.
#![cfg(unix)]
// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

mod program;

use std::fmt::Write;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use program::{printed, selvedge, succeeded, text};

const KILLS: usize = 30;

/// Small images of a small part of the data, and a checkpoint after each step: most kills fall into the writing of one.
/// Dropout and a schedule, so that the generator and the learning rate have to come back, too.
const TRAINING: &[&str] = &[
    "--model",
    "dropout",
    "--epochs",
    "12",
    "--set",
    "data.limit=1300",
    "--set",
    "data.validation=0.1",
    "--set",
    r#"schedule={"type": "ExponentialLR", "gamma": 0.9}"#,
    "--set",
    r#"averaging={"ema": {"decay": 0.9}}"#,
    "--set",
    "checkpoint.every_steps=1",
];

fn train(folder: &Path, out: &str) -> Command {
    selvedge(folder, &[&["train", "--out", out], TRAINING].concat())
}

/// The logs of the epochs and of the steps, without the times.
fn metrics(run: &Path) -> [Vec<serde_json::Value>; 2] {
    ["metrics.jsonl", "steps.jsonl"].map(|log| rows(&run.join(log)))
}

fn rows(log: &Path) -> Vec<serde_json::Value> {
    let rows = fs::read_to_string(log).unwrap();
    let row = |line: &str| {
        let mut row: serde_json::Value = serde_json::from_str(line).unwrap();
        row.as_object_mut().unwrap().retain(|key, _| !key.contains("second"));
        row
    };
    rows.lines().map(row).collect()
}

/// Moments that are the same in each run of the test, but for the speed of the machine.
struct Moments(u64);

impl Moments {
    /// From 0 to `most`.
    fn next(&mut self, most: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        most.mul_f64((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

/// One kill, for the table.
struct Kill {
    after: Duration,
    during: &'static str,
    went_on_after: String,
}

/// Waits until the process has said something, or has ended.
fn wait_until_it_trains(child: &mut Child, said: &Path) {
    while fs::metadata(said).unwrap().len() == 0 && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(2));
    }
}

/// What the process was at when it was killed.
fn interrupted_at(run: &Path, said: &Path) -> &'static str {
    let writes = fs::read_dir(run.join("checkpoints"))
        .is_ok_and(|mut entries| entries.any(|entry| selvedge_atomic::is_unfinished(entry.unwrap().path())));
    // What lies there before it said something was left by the process before it.
    match (fs::metadata(said).unwrap().len() > 0, writes) {
        (false, _) => "starting",
        (true, true) => "writing a checkpoint",
        (true, false) => "training",
    }
}

#[test]
fn a_killed_training_goes_on_to_the_same_weights() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    succeeded(&train(folder, "whole").output().unwrap());
    let expected = fs::read(folder.join("whole/model.safetensors")).unwrap();
    let (mut moments, mut kills, mut chains) = (Moments(1), Vec::new(), 0);
    while kills.len() < KILLS {
        let name = format!("killed-{chains}");
        chains += 1;
        let run = folder.join(&name);
        loop {
            // Before there is a configuration, there is no run to go on with.
            let mut command = match run.join("config.json").exists() {
                true => selvedge(folder, &["resume", &name]),
                false => train(folder, &name),
            };
            let said = folder.join("said.txt");
            if kills.len() == KILLS {
                succeeded(&command.output().unwrap());
                break;
            }
            let began = Instant::now();
            let mut child =
                command.stdout(File::create(&said).unwrap()).stderr(Stdio::piped()).spawn().unwrap();
            // One of four at any moment from the start, the others while it trains.
            if kills.len() % 4 == 0 {
                sleep(moments.next(Duration::from_millis(800)));
            } else {
                wait_until_it_trains(&mut child, &said);
                sleep(moments.next(Duration::from_millis(600)));
            }
            let after = began.elapsed();
            let _ = child.kill();
            let output = child.wait_with_output().unwrap();
            if output.status.signal().is_none() {
                // It was faster.
                assert!(output.status.success(), "{}", text(&output.stderr));
                break;
            }
            let started = fs::read_to_string(&said).unwrap();
            let went_on = started.lines().find_map(|line| line.strip_prefix("going on after step "));
            let went_on_after = went_on.unwrap_or("–").to_owned();
            kills.push(Kill { after, during: interrupted_at(&run, &said), went_on_after });
        }
        assert_eq!(metrics(&run), metrics(&folder.join("whole")), "{name}");
        assert!(fs::read(run.join("model.safetensors")).unwrap() == expected, "{name}: other weights");
    }
    let writing = kills.iter().filter(|kill| kill.during == "writing a checkpoint").count();
    assert!(writing > 0, "no kill fell into the writing of a checkpoint");
    let table = table(&kills, chains);
    println!("{table}");
    if let Some(page) = std::env::var_os("SELVEDGE_KILL_TABLE") {
        let page = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(page);
        let old = fs::read_to_string(&page).unwrap();
        let (before, rest) = old.split_once("<!-- kills -->\n").unwrap();
        let (_, after) = rest.split_once("<!-- end of kills -->").unwrap();
        fs::write(page, format!("{before}<!-- kills -->\n{table}<!-- end of kills -->{after}")).unwrap();
    }
}

fn table(kills: &[Kill], runs: usize) -> String {
    let mut table = String::from("| kill | after | while it was | that process had gone on after step |\n");
    table.push_str("| ---: | ---: | --- | ---: |\n");
    for (number, kill) in kills.iter().enumerate() {
        let Kill { after, during, went_on_after } = kill;
        writeln!(table, "| {} | {:.2} s | {during} | {went_on_after} |", number + 1, after.as_secs_f64())
            .unwrap();
    }
    let count = |during: &str| kills.iter().filter(|kill| kill.during == during).count();
    writeln!(
        table,
        "\n{} kills in {runs} {}: {} while starting, {} while training, {} while writing a checkpoint. Every run \
         ended with the weights and the losses of the one that was never killed, bit for bit.",
        kills.len(),
        if runs == 1 { "run" } else { "runs" },
        count("starting"),
        count("training"),
        count("writing a checkpoint"),
    )
    .unwrap();
    table
}

/// A file of the optimizer's size does not fit, as on a full disk.
#[test]
fn a_full_disk_is_named_and_costs_nothing() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let arguments = ["--set", "data.limit=1280", "--set", "data.validation=0.1", "--epochs"];
    let train = |out: &str, epochs: &str| {
        let arguments = [&["train", "--out", out], &arguments[..], &[epochs]].concat();
        printed(folder, &arguments);
    };
    train("whole", "3");
    train("full", "1");
    let command = format!("ulimit -f 1500; exec '{}' resume full --epochs 3", env!("CARGO_BIN_EXE_selvedge"));
    let output = Command::new("bash")
        .args(["-c", &command])
        .current_dir(folder)
        .env("OMP_NUM_THREADS", "1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    let message = text(&output.stderr);
    assert!(message.contains("optimizer.safetensors"), "{message}");
    let left: Vec<_> = fs::read_dir(folder.join("full/checkpoints"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(left.len(), 1, "{left:?}");
    // With room again.
    let output = printed(folder, &["resume", "full"]);
    assert!(output.contains("going on after step 18"), "{output}");
    let model = |run: &str| fs::read(folder.join(run).join("model.safetensors")).unwrap();
    assert!(model("full") == model("whole"), "other weights");
    assert_eq!(metrics(&folder.join("full")), metrics(&folder.join("whole")));
}

/// Ctrl-C and SIGTERM finish the step, write a checkpoint, and say how to go on.
#[test]
fn an_interrupted_training_goes_on_within_the_epoch() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let arguments = [
        "--model",
        "dropout",
        "--batch-size",
        "8",
        "--epochs",
        "1",
        "--set",
        "data.validation=0.02",
        "--out",
    ];
    let train = |out: &str| selvedge(folder, &[&["train"], &arguments[..], &[out]].concat());
    succeeded(&train("whole").output().unwrap());
    for (signal, status) in [("-INT", 130), ("-TERM", 143)] {
        let run = format!("run{signal}");
        let said = folder.join("said.txt");
        let mut child =
            train(&run).stdout(File::create(&said).unwrap()).stderr(Stdio::piped()).spawn().unwrap();
        wait_until_it_trains(&mut child, &said);
        sleep(Duration::from_millis(300));
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{message}");
        assert!(message.contains(&format!("`cargo xtask resume {run}` goes on after step")), "{message}");
        // The last checkpoint is damaged: the run goes on from the beginning, and says why.
        if signal == "-TERM" {
            let checkpoint = fs::read_dir(folder.join(&run).join("checkpoints")).unwrap().next().unwrap();
            let path = checkpoint.unwrap().path().join("state.json");
            let mut bytes = fs::read(&path).unwrap();
            let last = bytes.len() - 3;
            bytes[last] ^= 1;
            fs::write(&path, bytes).unwrap();
        }
        let output = selvedge(folder, &["train", "--resume", &run]).output().unwrap();
        let said = succeeded(&output);
        assert_eq!(said.contains("going on after step"), signal == "-INT", "{said}");
        let told = text(&output.stderr);
        assert_eq!(told.contains("state.json has been altered"), signal == "-TERM", "{told}");
        let model = |run: &str| fs::read(folder.join(run).join("model.safetensors")).unwrap();
        assert!(model(&run) == model("whole"), "{run}: other weights");
        assert_eq!(metrics(&folder.join(&run)), metrics(&folder.join("whole")));
        // Nothing is left to do.
        printed(folder, &["resume", &run]);
        assert!(model(&run) == model("whole"));
    }
}
