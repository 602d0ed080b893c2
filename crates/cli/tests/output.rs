//! What the program does where its output goes nowhere, and with signals and limits that it inherits.
#![cfg(unix)]
// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs::{self, File};
use std::io::pipe;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use program::{printed, selvedge, succeeded, text};

const SMALL: &[&str] = &["--set", "data.limit=1300", "--set", "data.validation=0.1", "--epochs"];

fn kill(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits for the first row of a run.
fn wait_until_it_trains(child: &mut Child, run: &Path) {
    while fs::metadata(run.join("metrics.jsonl")).map_or(0, |metadata| metadata.len()) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before its first epoch");
        sleep(Duration::from_millis(2));
    }
}

/// The program under a shell that has set something up for it.
fn under(shell: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("bash");
    command.current_dir(folder).env("OMP_NUM_THREADS", "1");
    command
        .args(["-c", &format!("{shell}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_selvedge")])
        .args(arguments);
    command
}

#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    printed(folder, &[&["train", "--out", "run"], SMALL, &["1"]].concat());
    for arguments in [
        &["evaluate", "run"][..],
        &["evaluate", "run", "--json"],
        &["report", "run"],
        &["verify", "run"],
        &["summary", "mlp"],
        &["models"],
        &["completions", "bash"],
        &["train", "--print-config"],
        &["data", "list"],
        &["--help"],
        &["--version"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = selvedge(folder, arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
        assert!(
            message.contains("cannot write to standard output: No space left"),
            "{arguments:?}: {message}"
        );
    }
    // A training is not worth less for it: it goes on to its end, and says so then.
    let full = File::options().write(true).open("/dev/full").unwrap();
    let train = [&["train", "--out", "full"], SMALL, &["2"]].concat();
    let output = selvedge(folder, &train).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(folder.join("full/metrics.jsonl")).unwrap().lines().count(), 2);
    printed(folder, &["verify", "full"]);
    // A message that cannot be written is no reason to panic.
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = selvedge(folder, &["evaluate", "nowhere"]).stderr(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_closed_pipe_is_no_error_and_never_a_panic() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    for (arguments, status) in [
        (&["summary", "cnn"][..], 0),
        (&["models"], 0),
        (&["completions", "zsh"], 0),
        (&["train", "--print-config"], 0),
        (&["data", "list"], 0),
        (&["--help"], 0),
        (&["evaluate", "nowhere"], 1),
        (&["frobnicate"], 2),
    ] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let mut command = selvedge(folder, arguments);
        let mut child = command.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(status), "{arguments:?}");
    }
    // As behind `2>&1 | head -2`, then asked to terminate: both streams are closed while it trains.
    let (reader, writer) = pipe().unwrap();
    let mut command = selvedge(folder, &[&["train", "--out", "run"], SMALL, &["100000"]].concat());
    let mut child = command.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
    drop((reader, command));
    wait_until_it_trains(&mut child, &folder.join("run"));
    kill(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[test]
fn a_signal_that_is_ignored_at_the_start_stays_ignored() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let train = [&["train", "--out", "run"], SMALL, &["100000"]].concat();
    let mut child = under("trap '' HUP INT", folder, &train)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until_it_trains(&mut child, &folder.join("run"));
    // As nohup and a shell without job control want it. Twice: the second one would end it at once.
    for signal in ["-HUP", "-INT", "-HUP", "-INT"] {
        kill(&child, signal);
        sleep(Duration::from_millis(20));
    }
    let rows = || fs::read_to_string(folder.join("run/metrics.jsonl")).unwrap().lines().count();
    let before = rows();
    while rows() < before + 2 {
        assert!(child.try_wait().unwrap().is_none(), "it ended by a signal that was ignored");
        sleep(Duration::from_millis(2));
    }
    kill(&child, "-TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143), "{}", text(&output.stderr));
}

/// The limit is met by the checkpoint, by the model, and by the log of a shell.
#[test]
fn a_limit_of_the_size_of_files_is_an_error_as_a_full_disk_is() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    fn train(out: &str) -> Vec<&str> {
        [&["train", "--out", out], SMALL, &["1"]].concat()
    }
    // In units of 1024 bytes: the model has 940,000.
    for (limit, named) in [(1500, "optimizer.safetensors"), (500, "best.safetensors"), (1, "config.json")] {
        let out = format!("run-{limit}");
        let output = under(&format!("ulimit -f {limit}"), folder, &train(&out)).output().unwrap();
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{limit}: {:?} {message}", output.status);
        assert!(message.contains(named) && message.contains("File too large"), "{limit}: {message}");
    }
    let output = under("ulimit -f 1", folder, &["completions", "bash"])
        .stdout(File::create(folder.join("completions")).unwrap())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{:?}", output.status);
    assert!(text(&output.stderr).contains("cannot write to standard output: File too large"));
}

#[test]
fn a_loss_that_is_not_finite_is_told_and_has_a_status_where_asked() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let diverging =
        ["--lr", "1e30", "--set", "optimizer.type=SGD", "--epochs", "2", "--set", "data.limit=640"];
    let train = |out: &str, more: &[&str]| {
        let arguments = [&["train", "--out", out], &diverging[..], more].concat();
        let output = selvedge(folder, &arguments).output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    let (status, told) = train("told", &[]);
    assert_eq!(status, Some(0), "{told}");
    assert!(told.contains("warning: the training loss of the last epoch is NaN"), "{told}");
    let (status, told) = train("asked", &["--fail-on-nan"]);
    assert_eq!(status, Some(3), "{told}");
    let (status, told) = train("guarded", &["--set", "fit.nan_guard.every=1"]);
    assert_eq!(status, Some(3), "{told}");
    assert!(told.contains("error: the loss is NaN at step"), "{told}");
    let output = selvedge(folder, &["resume", "told", "--fail-on-nan"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    // Within an epoch, where a limit ends the training.
    let (status, told) = train("limited", &["--set", "fit.max_steps=5", "--fail-on-nan"]);
    assert_eq!(status, Some(3), "{told}");
    // A loss that is finite is not worth a word.
    let output =
        selvedge(folder, &["train", "--epochs", "1", "--set", "data.limit=640", "--fail-on-nan"]).output();
    let output = output.unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stderr), "");
}
