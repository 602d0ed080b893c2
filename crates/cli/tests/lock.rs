//! One process at a time trains into a run folder.
#![cfg(unix)]
// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

fn selvedge(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_selvedge"));
    command.current_dir(folder).env("OMP_NUM_THREADS", "1").args(arguments);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn output(folder: &Path, arguments: &[&str]) -> Output {
    selvedge(folder, arguments).output().unwrap()
}

#[test]
fn a_second_process_is_told_who_trains_and_a_killed_one_blocks_nobody() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let said = folder.join("said.txt");
    let small = ["--set", "data.limit=1300", "--set", "data.validation=0.1"];
    let mut first =
        selvedge(folder, &[&["train", "--epochs", "100000", "--out", "run"], &small[..]].concat())
            .stdout(File::create(&said).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
    while !text(&fs::read(&said).unwrap()).contains("epoch 1/") {
        assert!(first.try_wait().unwrap().is_none(), "the first process has ended");
        sleep(Duration::from_millis(5));
    }
    let who = format!("run is in use: process {}, training; wait until that process is done", first.id());
    for arguments in [&["resume", "run", "--epochs", "2"][..], &["train", "--resume", "run"]] {
        let refused = output(folder, arguments);
        let message = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{message}");
        assert!(message.contains(&who), "{message}");
    }
    // Who is refused changes nothing, and reading is free.
    assert!(fs::read_to_string(folder.join("run/config.json")).unwrap().contains("100000"));
    assert!(output(folder, &["evaluate", "run"]).status.success());
    first.kill().unwrap();
    first.wait().unwrap();
    let resumed = output(folder, &["resume", "run", "--epochs", "1"]);
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
}

/// Of processes that begin in the same new folder at once, one trains.
#[test]
fn a_new_folder_has_one_owner() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let train = ["train", "--epochs", "1", "--batch-size", "512", "--out", "run"];
    let begin = || selvedge(folder, &train).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let both = [begin(), begin()];
    let outputs = both.map(|child| child.wait_with_output().unwrap());
    let refused: Vec<String> =
        outputs.iter().filter(|output| !output.status.success()).map(|output| text(&output.stderr)).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].contains("is in use") || refused[0].contains("is not empty"), "{refused:?}");
}
