//! Damaged files for every reader of the program, with a limit of memory and of time: each is read or refused.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use selvedge_fetch::sha256;
use serde_json::json;

use super::random::Random;
use super::{Scene, copy};
use crate::workspace;

/// A file of a run, and what reads it.
struct Target {
    kind: &'static str,
    /// Below the folder; a `*` stands for the last checkpoint.
    path: &'static str,
    command: &'static [&'static str],
}

const PREDICT: &[&str] = &["predict", "run", "image"];
const RESUME: &[&str] = &["resume", "run", "--epochs", "2"];
const REPORT: &[&str] = &["report", "run"];

const TARGETS: [Target; 14] = [
    Target { kind: "file: safetensors", path: "run/model.safetensors", command: PREDICT },
    Target { kind: "file: .pt", path: "run/model.safetensors", command: PREDICT },
    Target { kind: "file: image", path: "image", command: PREDICT },
    Target { kind: "file: configuration", path: "run/config.json", command: &["predict", "run", "image"] },
    Target { kind: "file: configuration", path: "run/config.json", command: &["compare", "run", "other"] },
    Target {
        kind: "file: configuration",
        path: "run/config.json",
        command: &["train", "--config", "run/config.json", "--print-config"],
    },
    Target { kind: "file: checkpoint", path: "run/checkpoints/*/state.json", command: RESUME },
    Target { kind: "file: checkpoint", path: "run/checkpoints/*/optimizer.safetensors", command: RESUME },
    Target { kind: "file: checkpoint", path: "run/checkpoints/*/generators.safetensors", command: RESUME },
    Target { kind: "file: checkpoint", path: "run/checkpoints/*/manifest.json", command: RESUME },
    Target { kind: "file: run folder", path: "run/metrics.jsonl", command: REPORT },
    Target { kind: "file: run folder", path: "run/steps.jsonl", command: REPORT },
    Target { kind: "file: run folder", path: "run/about.json", command: REPORT },
    Target { kind: "file: run folder", path: "run/test.json", command: &["compare", "run", "other"] },
];

pub(crate) fn attack(scene: &mut Scene<'_>) -> Result<()> {
    let seed = scene.folder.join("seed");
    fs::create_dir_all(&seed)?;
    let train = [
        "train",
        "--out",
        "run",
        "--set",
        "data.limit=300",
        "--set",
        "data.validation=0.5",
        "--set",
        "optimizer.type=Adam",
        "--set",
        "schedule.type=ExponentialLR",
        "--set",
        "schedule.gamma=0.9",
        "--epochs",
        "1",
    ];
    let trained = scene.program.run(&seed, &train)?;
    ensure!(trained.succeeded(), "the run to damage could not be made: {}", trained.told());
    copy(&seed.join("run"), &seed.join("other"))?;
    let sources = workspace::root();
    let images = files(&sources.join("fuzz/seeds/image_folder"))?;
    let pickles: Vec<PathBuf> = files(&sources.join("crates/torch/tests/golden"))?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "pt"))
        .collect();
    ensure!(!images.is_empty() && !pickles.is_empty(), "there are no images or no .pt files to damage");
    let mut number = 0;
    while scene.goes_on() {
        let target = &TARGETS[number % TARGETS.len()];
        number += 1;
        let folder = scene.folder.join("tried");
        copy(&seed, &folder)?;
        let first = &images[scene.random.below(images.len())];
        fs::copy(first, folder.join("image"))?;
        let path = folder.join(target.path.replace('*', &checkpoint(&folder)?));
        if target.kind == "file: .pt" {
            fs::copy(&pickles[scene.random.below(pickles.len())], &path)?;
        }
        let mut bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for _ in 0..=scene.random.below(3) {
            damage(&mut bytes, &mut scene.random);
        }
        fs::write(&path, &bytes)?;
        // A damaged file of a checkpoint is known by its digest; here what lies behind that is tried, most of the time.
        if target.kind == "file: checkpoint" && !path.ends_with("manifest.json") && !scene.random.once_in(4) {
            pin_anew(&path, &bytes)?;
        }
        let ended = scene.program.run(&folder, target.command)?;
        scene.tried(target.kind);
        if let Some(fault) = ended.fault() {
            let what = format!("{fault}: {:?} with {}\n{}", target.command, path.display(), ended.told());
            scene.failed(target.kind, &what, &folder)?;
        }
        fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

/// All files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

/// The name of the last checkpoint.
fn checkpoint(folder: &Path) -> Result<String> {
    let entries = fs::read_dir(folder.join("run/checkpoints"))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("step-")).max().context("the run has no checkpoint")
}

/// Notes the digest of a changed file of a checkpoint.
fn pin_anew(path: &Path, bytes: &[u8]) -> Result<()> {
    let manifest = path.with_file_name("manifest.json");
    let mut value: serde_json::Value = serde_json::from_slice(&fs::read(&manifest)?)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    value["files"][name] = json!({ "bytes": bytes.len(), "sha256": sha256(bytes)?.to_string() });
    Ok(fs::write(manifest, value.to_string())?)
}

/// Changes something: a bit, a byte, a piece, a number of a text.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    if bytes.is_empty() {
        bytes.push(random.next() as u8);
        return;
    }
    // What says how long things are is at the start of most formats, and at the end of a zip.
    let at = match random.below(4) {
        0 => random.below(bytes.len().min(1024)),
        1 => bytes.len() - 1 - random.below(bytes.len().min(256)),
        _ => random.below(bytes.len()),
    };
    match random.below(8) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'\n', 0x1b][random.below(8)],
        2 => bytes.truncate(at),
        3 => {
            let end = (at + 1 + random.below(64)).min(bytes.len());
            bytes.drain(at..end);
        }
        4 => {
            let end = (at + 1 + random.below(64)).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            bytes.splice(at..at, piece);
        }
        5 => {
            let end = (at + 1 + random.below(4096)).min(bytes.len());
            bytes[at..end].fill(0);
        }
        _ => number(bytes, at, random),
    }
}

/// Writes something odd in the place of the number that comes next, as a text has it.
fn number(bytes: &mut Vec<u8>, at: usize, random: &mut Random) {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    // A header of safetensors is a text as well, and the tensors after it have digits by chance.
    let Some(start) = bytes[at..].iter().position(is_digit).map(|place| at + place) else { return };
    let length = bytes[start..].iter().take_while(|byte| is_digit(byte) || **byte == b'.').count();
    let odd = [
        "0",
        "1",
        "-1",
        "0.5",
        "1e308",
        "-1e308",
        "1e-320",
        "4611686018427387904",
        "9223372036854775807",
        "18446744073709551615",
        "18446744073709551616",
        "null",
        "true",
        "[]",
        "{}",
        "\"x\"",
        "\"\\u001b[2J\"",
    ];
    bytes.splice(start..start + length, random.one(&odd).bytes());
}
