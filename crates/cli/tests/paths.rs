//! Paths that are not UTF-8.
#![cfg(target_os = "linux")]
// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

mod program;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use serde_json::{Value, json};
use tempfile::TempDir;

use program::{printed, selvedge, succeeded};

/// `café` in Latin-1.
const NAME: &[u8] = b"caf\xe9";

fn name(suffix: &str) -> PathBuf {
    let mut name = OsString::from(OsStr::from_bytes(NAME));
    name.push(suffix);
    name.into()
}

/// What a command prints as JSON, a line each.
#[track_caller]
fn json(folder: &Path, before: &[&str], path: &Path, after: &[&str]) -> Vec<Value> {
    let output = selvedge(folder, before).arg(path).args(after).arg("--json").output().unwrap();
    succeeded(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_path_that_is_not_utf_8_works_everywhere() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let run = name("");
    let small = ["--epochs", "1", "--set", "data.limit=640", "--set", "data.validation=0.1"];
    let rows = json(folder, &["train", "--out"], &run, &small);
    assert_eq!(rows.last().unwrap()["run"], json!(NAME), "{rows:?}");
    assert!(folder.join(&run).join("report.html").exists());
    assert_eq!(json(folder, &["resume"], &run, &["--epochs", "2"]).last().unwrap()["run"], json!(NAME));
    assert!(json(folder, &["evaluate"], &run, &[])[0]["accuracy"].is_f64());
    let page = [NAME, b"/report.html"].concat();
    assert_eq!(json(folder, &["report"], &run, &[])[0]["report"], json!(page));
    assert!(json(folder, &["verify"], &run, &[]).iter().all(|row| row["state"] == "whole"));
    // A run that gets such a name later.
    printed(folder, &[&["train", "--out", "plain"], &small[..]].concat());
    let moved = name("-moved");
    fs::rename(folder.join("plain"), folder.join(&moved)).unwrap();
    assert!(json(folder, &["evaluate"], &moved, &["--weights", "best"])[0]["loss"].is_f64());
    let picture = name(".png");
    GrayImage::from_pixel(28, 28, Luma([9])).save(folder.join("picture.png")).unwrap();
    fs::rename(folder.join("picture.png"), folder.join(&picture)).unwrap();
    let output = selvedge(folder, &["predict", "--json"]).args([&run, &picture]).output().unwrap();
    let row: Value = serde_json::from_str(&succeeded(&output)).unwrap();
    assert_eq!(row["image"], json!([NAME, b".png"].concat()));
    let out = name(".html");
    let output =
        selvedge(folder, &["compare", "--json"]).args([&run, &run]).arg("--out").arg(&out).output().unwrap();
    let row: Value = serde_json::from_str(&succeeded(&output)).unwrap();
    assert_eq!(row["page"], json!([NAME, b".html"].concat()));
    assert!(folder.join(&out).exists());
    let grid = name("-grid.png");
    succeeded(&selvedge(folder, &["data", "grid", "--out"]).arg(&grid).output().unwrap());
    assert!(folder.join(&grid).exists());

    // In a configuration, and back.
    let output = selvedge(folder, &["train", "--print-config", "--data-dir"]).arg(&run).output().unwrap();
    let config = succeeded(&output);
    let value: Value = serde_json::from_str(&config).unwrap();
    assert_eq!(value["data"]["folder"], json!(NAME));
    let file = name(".json");
    fs::write(folder.join(&file), &config).unwrap();
    let output = selvedge(folder, &["train", "--print-config", "--config"]).arg(&file).output().unwrap();
    assert_eq!(succeeded(&output), config);
}
