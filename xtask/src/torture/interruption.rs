//! Trainings of random configurations, interrupted at random moments and resumed: the weights are those of an undisturbed one.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;
use rustix::process::{Pid, Signal, kill_process};

use super::program::{Ended, signal_of};
use super::random::Random;
use super::{Scene, program::Program};

/// So often a training is interrupted at most.
const MOST: usize = 6;

const SIGNALS: [(&str, Signal); 4] = [
    ("kill", Signal::KILL),
    ("terminate", Signal::TERM),
    ("interrupt", Signal::INT),
    ("hang up", Signal::HUP),
];

pub(crate) fn attack(scene: &mut Scene<'_>) -> Result<()> {
    while scene.goes_on() {
        let folder = scene.folder.join("interrupted");
        fs::create_dir_all(&folder)?;
        chain(scene, &folder)?;
        fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

/// One configuration: an undisturbed run, and one that is interrupted again and again.
fn chain(scene: &mut Scene<'_>, folder: &Path) -> Result<()> {
    const KIND: &str = "resumed to the same bits";
    let options = configuration(&mut scene.random);
    let train = |out: &str| [&["train", "--out", out].map(str::to_owned)[..], &options[..]].concat();
    let whole = scene.program.run(folder, &train("whole"))?;
    if !whole.succeeded() {
        // All that are drawn can be trained with.
        scene.tried(KIND);
        return scene.failed(KIND, &format!("the undisturbed run: {options:?}\n{}", whole.told()), folder);
    }
    let begin = || match folder.join("run/config.json").exists() {
        true => vec!["resume".to_owned(), "run".to_owned()],
        false => train("run"),
    };
    for _ in 0..MOST {
        let (name, signal) = SIGNALS[if scene.random.once_in(2) { 0 } else { scene.random.below(4) }];
        let after = Duration::from_secs_f64(whole.seconds * scene.random.share());
        let ended = interrupted(scene.program, folder, &begin(), after, signal)?;
        scene.tried(&format!("signal: {name}"));
        if let Some(fault) = misbehaviour(&ended, signal) {
            let what = format!("{fault} after {after:?}: {options:?}\n{}", ended.told());
            scene.failed(&format!("signal: {name}"), &what, folder)?;
            return Ok(());
        }
        if ended.succeeded() {
            break;
        }
    }
    let last = scene.program.run(folder, &begin())?;
    scene.tried(KIND);
    let difference = match last.succeeded() {
        true => difference(&folder.join("whole"), &folder.join("run")),
        false => Some(last.told()),
    };
    match difference {
        Some(difference) => scene.failed(KIND, &format!("{difference}\n{options:?}"), folder),
        None => Ok(()),
    }
}

fn interrupted(
    program: &Program,
    folder: &Path,
    arguments: &[String],
    after: Duration,
    signal: Signal,
) -> Result<Ended> {
    let mut child = program.start(folder, arguments)?;
    sleep(after);
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // It may have ended by itself.
    if let (None, Some(pid)) = (child.try_wait()?, pid) {
        let _ = kill_process(pid, signal);
    }
    program.end(&mut child, folder)
}

/// What a process must not do with a signal. It may have ended before it came, or before it watched for signals.
fn misbehaviour(ended: &Ended, signal: Signal) -> Option<String> {
    let number = signal.as_raw();
    let Some(status) = ended.status else { return Some("no end".to_owned()) };
    let is_expected =
        status.success() || signal_of(status) == Some(number) || status.code() == Some(128 + number);
    (!is_expected || ended.said.contains("panicked at")).then(|| status.to_string())
}

/// How the run differs from the undisturbed one.
fn difference(whole: &Path, run: &Path) -> Option<String> {
    for name in ["model.safetensors", "best.safetensors"] {
        if fs::read(whole.join(name)).ok() != fs::read(run.join(name)).ok() {
            return Some(format!("{name} differs"));
        }
    }
    let differs = |name: &&&str| rows(&whole.join(name)) != rows(&run.join(name));
    ["metrics.jsonl", "steps.jsonl"].iter().find(differs).map(|name| format!("{name} differs"))
}

/// The lines of a log without the times, which differ.
pub(crate) fn rows(log: &Path) -> Option<Vec<serde_json::Value>> {
    let text = fs::read_to_string(log).ok()?;
    let row = |line: &str| {
        let mut row: serde_json::Value = serde_json::from_str(line).ok()?;
        row.as_object_mut()?.retain(|key, _| !key.contains("second"));
        Some(row)
    };
    text.lines().map(row).collect()
}

/// The options of a small training, drawn.
fn configuration(random: &mut Random) -> Vec<String> {
    let mut options =
        vec!["--model".to_owned(), random.one(&["mlp", "dropout", "functional", "cnn"]).to_owned()];
    let mut set = |option: String| options.extend(["--set".to_owned(), option]);
    set(format!("data.limit={}", 200 + random.below(200)));
    set(format!("data.validation={}", random.one(&["0.2", "0.5"])));
    set(format!("data.batch_size={}", random.one(&["17", "32", "64"])));
    set(format!("fit.epochs={}", 1 + random.below(4)));
    set(format!("seed={}", random.below(1000)));
    let optimizers = [
        "Adadelta",
        "Adafactor",
        "Adagrad",
        "Adam",
        "AdamW",
        "Adamax",
        "ASGD",
        "NAdam",
        "RAdam",
        "RMSprop",
        "Rprop",
        "SGD",
    ];
    set(format!("optimizer.type={}", random.one(&optimizers)));
    let schedules = [
        "null",
        r#"{"type": "StepLR", "step_size": 1}"#,
        r#"{"type": "ExponentialLR", "gamma": 0.7}"#,
        r#"{"type": "CosineAnnealingLR", "T_max": 3}"#,
        r#"{"type": "ReduceLROnPlateau", "patience": 0}"#,
        r#"{"type": "LinearLR"}"#,
    ];
    set(format!("schedule={}", random.one(&schedules)));
    set(format!("averaging={}", random.one(&["null", r#"{"ema": {"decay": 0.9}}"#, r#""swa""#])));
    set(format!("checkpoint.every_steps={}", random.one(&["null", "1", "2", "5"])));
    set(format!("checkpoint.background={}", random.one(&["true", "false"])));
    set(format!("checkpoint.keep_last={}", 1 + random.below(3)));
    set(format!("data.num_workers={}", random.one(&["0", "0", "2"])));
    set(format!(
        "data.sampler.type={}",
        random.one(&["RandomSampler", "StratifiedSampler", "WeightedRandomSampler"])
    ));
    set(format!("data.augment.transforms={}", random.one(&["[]", r#"[{"type": "RandomHorizontalFlip"}]"#])));
    options
}
