//! One process at a time trains into a run folder.
#![cfg(unix)]
// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs::{self, File};
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use program::{printed, selvedge, text};

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
        let refused = selvedge(folder, arguments).output().unwrap();
        let message = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{message}");
        assert!(message.contains(&who), "{message}");
    }
    // Who is refused changes nothing, and reading is free.
    assert!(fs::read_to_string(folder.join("run/config.json")).unwrap().contains("100000"));
    printed(folder, &["evaluate", "run"]);
    first.kill().unwrap();
    first.wait().unwrap();
    printed(folder, &["resume", "run", "--epochs", "1"]);
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
